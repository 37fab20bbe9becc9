//! Our side of the comparison, through nothing but the public interface: the structs of a user's program.

mod classes;
mod language;
mod noting;
mod peak;

use compare_job::{Job, Learns, Record, Task};

fn main() -> compare_job::Result<()> {
    let job = Job::of_this_process()?;
    let mut record = Record::default();
    if job.task == Task::Peak {
        record.gflops = Some(peak::gflops(job.threads));
        return record.write(&job.record);
    }
    match job.learns {
        Learns::Classes => classes::run(&job, &mut record)?,
        Learns::NextTokens => language::train_whole(&job)?,
        Learns::Adapters => language::train_adapters(&job)?,
        Learns::Targets => language::train_targets(&job)?,
    }
    noting::collect(&mut record);
    record.write(&job.record)
}
