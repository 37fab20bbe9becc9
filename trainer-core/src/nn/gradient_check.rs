//! Compares gradients with central differences, in `f64`.

use candle_core::{Device, Result, Shape, Tensor, Var};

use crate::tensor::random::Stream;

/// Differences of step 1e-6 in `f64` leave about 1e-9 of rounding; a wrong derivative is off by far more.
const TOLERANCE: f64 = 1e-7;

/// Normal numbers of a shape, the same for the same name.
pub(crate) fn values(shape: impl Into<Shape>, name: &str) -> Var {
    let shape = shape.into();
    let data = Stream::initialisation(5, name).normal(shape.elem_count());
    Var::from_vec(data, shape, &Device::Cpu).expect("a vector of the shape's length")
}

/// Checks the gradient of `function` for every element of every input.
pub(crate) fn agree_with_differences(
    inputs: &[&Var],
    function: impl Fn(&[&Tensor]) -> Result<Tensor>,
) -> crate::Result<()> {
    let tensors: Vec<&Tensor> = inputs.iter().map(|input| input.as_tensor()).collect();
    let gradients = function(&tensors)?.backward()?;
    for (position, input) in inputs.iter().enumerate() {
        let gradient = gradients.get(input).unwrap_or_else(|| panic!("input {position} has no gradient"));
        let gradient = gradient.flatten_all()?.to_vec1::<f64>()?;
        let original = input.flatten_all()?.to_vec1::<f64>()?;
        for element in 0..original.len() {
            let at = |shift: f64| -> Result<f64> {
                let mut moved = original.clone();
                moved[element] += shift;
                let moved = Tensor::from_vec(moved, input.shape(), &Device::Cpu)?;
                let mut tensors = tensors.clone();
                tensors[position] = &moved;
                function(&tensors)?.to_scalar::<f64>()
            };
            let difference = (at(1e-6)? - at(-1e-6)?) / 2e-6;
            let error = (difference - gradient[element]).abs() / difference.abs().max(1.0);
            assert!(
                error < TOLERANCE,
                "input {position}, element {element}: gradient {}, difference {difference}",
                gradient[element]
            );
        }
    }
    Ok(())
}
