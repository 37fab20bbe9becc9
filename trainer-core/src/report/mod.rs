//! What people see of a run, and what other programs read of it.
//!
//! What comes in: the events of a run, as a callback. What goes out: a bar and one line for each log event on the terminal,
//! one line of JSON for each update, log event and evaluation in a file, and curves in `TensorBoard`. Nothing here steers
//! a run.

mod event_file;
mod json_lines;
mod line;
mod progress;
mod tensorboard;

pub use json_lines::JsonLines;
pub use line::log_line;
pub use progress::Progress;
pub use tensorboard::TensorBoard;
