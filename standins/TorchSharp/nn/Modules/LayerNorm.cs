using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        public sealed class LayerNorm : nn.Module<Tensor, Tensor>
        {
            private readonly long[] normalizedShape;
            private readonly double epsilon;
            [Utils.ComponentName(Name = nameof(weight))] private Parameter ownWeight;
            [Utils.ComponentName(Name = nameof(bias))] private Parameter ownBias;

            internal LayerNorm(
                long[] normalizedShape, double epsilon, bool affine, bool hasBias, Device device, ScalarType? dtype)
                : base(nameof(LayerNorm))
            {
                this.normalizedShape = normalizedShape;
                this.epsilon = epsilon;
                if (!affine)
                    return;
                weight = ones(normalizedShape, dtype, device).AsParameter();
                if (hasBias)
                    bias = zeros(normalizedShape, dtype, device).AsParameter();
            }

            public Parameter weight
            {
                get => ownWeight;
                set => SetParameter(nameof(weight), ref ownWeight, value);
            }

            public Parameter bias
            {
                get => ownBias;
                set => SetParameter(nameof(bias), ref ownBias, value);
            }

            public override Tensor forward(Tensor tensor) =>
                nn.functional.layer_norm(tensor, normalizedShape, ownWeight, ownBias, epsilon);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.LayerNorm LayerNorm(
                long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            public static Modules.LayerNorm LayerNorm(
                long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                new([normalized_shape], eps, elementwise_affine, bias, device, dtype);
        }
    }
}
