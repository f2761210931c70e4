using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Activation functions.</summary>
    public partial class Tensor
    {
        public Tensor relu() => Operators.relu.Call(this);

        public Tensor relu_() => Operators.relu_.Mutate(this);

        public Tensor relu6() => Operators.relu6.Call(this);

        public Tensor relu6_() => Operators.relu6_.Mutate(this);

        public Tensor gelu() => Operators.gelu.Call(this);

        public Tensor silu() => Operators.silu.Call(this);

        public Tensor silu_() => Operators.silu_.Mutate(this);

        public Tensor selu() => Operators.selu.Call(this);

        public Tensor selu_() => Operators.selu_.Mutate(this);

        public Tensor celu() => Operators.celu.Call(this);

        public Tensor celu_() => Operators.celu_.Mutate(this);

        public Tensor hardsigmoid() => Operators.hardsigmoid.Call(this);

        public Tensor hardsigmoid_() => Operators.hardsigmoid_.Mutate(this);

        public Tensor hardswish() => Operators.hardswish.Call(this);

        public Tensor hardswish_() => Operators.hardswish_.Mutate(this);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Operators.softmax_int.Call(this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) =>
            Operators.log_softmax_int.Call(this, dim, dtype);

        public Tensor leaky_relu(Scalar negative_slope) => Operators.leaky_relu.Call(this, negative_slope);

        public Tensor leaky_relu_(Scalar negative_slope) => Operators.leaky_relu_.Mutate(this, negative_slope);

        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) =>
            Operators.elu.Call(this, alpha, scale, input_scale);

        public Tensor prelu(Tensor target) => Operators.prelu.Call(this, target);

        public Tensor log_sigmoid() => Operators.log_sigmoid.Call(this);

        public Tensor hardtanh(Scalar min, Scalar max) => Operators.hardtanh.Call(this, min, max);
    }
}
