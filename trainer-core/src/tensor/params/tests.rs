//! Tests of the store of parameters.

use super::*;

#[test]
fn the_order_of_requests_changes_neither_order_nor_values() -> Result<()> {
    let (one, other) = (Parameters::new(&Device::Cpu, 7), Parameters::new(&Device::Cpu, 7));
    let init = Init::Randn { mean: 0.0, stdev: 0.02 };
    for (parameters, names) in [(&one, ["b.weight", "a.weight"]), (&other, ["a.weight", "b.weight"])] {
        for name in names {
            parameters.builder().get_with_hints((3, 5), name, init)?;
        }
    }
    let values = |parameters: &Parameters| -> Result<Vec<Vec<Vec<f32>>>> {
        parameters.list().iter().map(|parameter| Ok(parameter.variable.to_vec2()?)).collect()
    };
    assert_eq!(values(&one)?, values(&other)?);
    assert_eq!(one.list().iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["a.weight", "b.weight"]);
    assert_ne!(values(&one)?[0], values(&one)?[1]);
    Ok(())
}

#[test]
fn another_seed_draws_fresh_parameters_again_but_not_changed_ones() -> Result<()> {
    let init = Init::Randn { mean: 0.0, stdev: 0.02 };
    let (parameters, other) = (Parameters::new(&Device::Cpu, 1), Parameters::new(&Device::Cpu, 2));
    for parameters in [&parameters, &other] {
        parameters.builder().get_with_hints(3, "fresh", init)?;
        parameters.builder().get_with_hints(3, "trained", init)?;
    }
    parameters.list()[1].variable.set(&Tensor::new(&[1f32, 2.0, 3.0], &Device::Cpu)?)?;
    parameters.redraw(2)?;
    let values = |name| -> Result<Vec<f32>> { Ok(parameters.values()[name].to_vec1()?) };
    assert_eq!(values("fresh")?, other.values()["fresh"].to_vec1::<f32>()?);
    assert_eq!(values("trained")?, [1.0, 2.0, 3.0]);
    Ok(())
}

#[test]
fn a_given_value_of_another_shape_is_refused_by_name() -> Result<()> {
    let given = BTreeMap::from([("classifier.weight".to_owned(), Tensor::zeros((2, 4), DType::F32, &Device::Cpu)?)]);
    let parameters = Parameters::from_values(&Device::Cpu, 0, given);
    let message = parameters.builder().get((3, 4), "classifier.weight").unwrap_err().to_string();
    assert!(message.contains("`classifier.weight` has the shape [2, 4], but the model needs [3, 4]"), "{message}");
    Ok(())
}

#[test]
fn weights_of_another_model_change_nothing() -> Result<()> {
    let parameters = Parameters::new(&Device::Cpu, 0);
    parameters.builder().get_with_hints(2, "a", Init::Const(5.0))?;
    let other = BTreeMap::from([("b".to_owned(), Tensor::zeros(2, DType::F32, &Device::Cpu)?)]);
    assert!(parameters.set_values(&other).is_err());
    assert_eq!(parameters.list()[0].variable.to_vec1::<f32>()?, [5.0, 5.0]);
    Ok(())
}
