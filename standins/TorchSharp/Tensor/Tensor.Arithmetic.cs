using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Arithmetic, new and in place.</summary>
    public partial class Tensor
    {
        public Tensor add(Tensor target) => Operators.add_Tensor.Call(this, target);

        public Tensor add(Tensor target, Scalar alpha) => Operators.add_Tensor.Call(this, target, alpha);

        public Tensor add(Scalar scalar) => Operators.add_Scalar.Call(this, scalar);

        public Tensor add(Scalar scalar, Scalar alpha) => Operators.add_Scalar.Call(this, scalar, alpha);

        public Tensor add_(Tensor target) => Operators.add__Tensor.Mutate(this, target);

        public Tensor add_(Tensor target, Scalar alpha) => Operators.add__Tensor.Mutate(this, target, alpha);

        public Tensor add_(Scalar scalar) => Operators.add__Scalar.Mutate(this, scalar);

        public Tensor add_(Scalar scalar, Scalar alpha) => Operators.add__Scalar.Mutate(this, scalar, alpha);

        public Tensor sub(Tensor target) => Operators.sub_Tensor.Call(this, target);

        public Tensor sub(Scalar target) => Operators.sub_Scalar.Call(this, target);

        public Tensor sub_(Tensor target) => Operators.sub__Tensor.Mutate(this, target);

        public Tensor sub_(Scalar target) => Operators.sub__Scalar.Mutate(this, target);

        public Tensor subtract(Tensor target) => Operators.sub_Tensor.Call(this, target);

        public Tensor subtract(Scalar target) => Operators.sub_Scalar.Call(this, target);

        public Tensor subtract_(Tensor target) => Operators.sub__Tensor.Mutate(this, target);

        public Tensor subtract_(Scalar target) => Operators.sub__Scalar.Mutate(this, target);

        public Tensor mul(Tensor target) => Operators.mul_Tensor.Call(this, target);

        public Tensor mul(Scalar target) => Operators.mul_Scalar.Call(this, target);

        public Tensor mul_(Tensor target) => Operators.mul__Tensor.Mutate(this, target);

        public Tensor mul_(Scalar target) => Operators.mul__Scalar.Mutate(this, target);

        public Tensor multiply(Tensor target) => Operators.mul_Tensor.Call(this, target);

        public Tensor multiply(Scalar target) => Operators.mul_Scalar.Call(this, target);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Operators.div_Tensor_mode.Call(this, target, NameOf(rounding_mode));

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Operators.div_Scalar_mode.Call(this, target, NameOf(rounding_mode));

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Operators.div__Tensor_mode.Mutate(this, target, NameOf(rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Operators.div__Scalar_mode.Mutate(this, target, NameOf(rounding_mode));

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Operators.div_Tensor_mode.Call(this, target, NameOf(rounding_mode));

        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Operators.div_Scalar_mode.Call(this, target, NameOf(rounding_mode));

        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Operators.div__Tensor_mode.Mutate(this, target, NameOf(rounding_mode));

        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Operators.div__Scalar_mode.Mutate(this, target, NameOf(rounding_mode));

        public Tensor true_divide(Tensor other) => Operators.div_Tensor.Call(this, other);

        public Tensor true_divide(Scalar other) => Operators.div_Scalar.Call(this, other);

        public Tensor true_divide_(Tensor other) => Operators.div__Tensor.Mutate(this, other);

        public Tensor true_divide_(Scalar other) => Operators.div__Scalar.Mutate(this, other);

        public Tensor remainder(Tensor target) => Operators.remainder_Tensor.Call(this, target);

        public Tensor remainder(Scalar scalar) => Operators.remainder_Scalar.Call(this, scalar);

        public Tensor remainder_(Tensor target) => Operators.remainder__Tensor.Mutate(this, target);

        public Tensor remainder_(Scalar scalar) => Operators.remainder__Scalar.Mutate(this, scalar);

        public Tensor fmod(Tensor target) => Operators.fmod_Tensor.Call(this, target);

        public Tensor fmod(Scalar scalar) => Operators.fmod_Scalar.Call(this, scalar);

        public Tensor fmod_(Tensor target) => Operators.fmod__Tensor.Mutate(this, target);

        public Tensor fmod_(Scalar scalar) => Operators.fmod__Scalar.Mutate(this, scalar);

        public Tensor floor_divide(Tensor other) => Operators.floor_divide.Call(this, other);

        public Tensor floor_divide(Scalar other) => Operators.floor_divide_Scalar.Call(this, other);

        public Tensor floor_divide_(Tensor other) => Operators.floor_divide__Tensor.Mutate(this, other);

        public Tensor floor_divide_(Scalar other) => Operators.floor_divide__Scalar.Mutate(this, other);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Operators.addcmul.Call(this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Operators.addcmul_.Mutate(this, tensor1, tensor2, value);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Operators.addcdiv.Call(this, tensor1, tensor2);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Operators.addcdiv.Call(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Operators.addcdiv_.Mutate(this, tensor1, tensor2);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Operators.addcdiv_.Mutate(this, tensor1, tensor2, value);

        public Tensor maximum(Tensor other) => Operators.maximum.Call(this, other);

        public Tensor minimum(Tensor other) => Operators.minimum.Call(this, other);

        public Tensor fmax(Tensor other) => Operators.fmax.Call(this, other);

        public Tensor fmin(Tensor other) => Operators.fmin.Call(this, other);

        public Tensor fill_(Scalar value) => Operators.fill__Scalar.Mutate(this, value);

        public Tensor zero_() => Operators.zero_.Mutate(this).Share();

        public Tensor copy_(Tensor source, bool nonBlocking = false) =>
            Operators.copy_.Mutate(this, source, nonBlocking);
    }
}
