using System;

using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        public sealed class Linear : nn.Module<Tensor, Tensor>
        {
            [Utils.ComponentName(Name = nameof(weight))] private Parameter ownWeight;
            [Utils.ComponentName(Name = nameof(bias))] private Parameter ownBias;

            internal Linear(long inputSize, long outputSize, bool hasBias, Device device, ScalarType? dtype)
                : base(nameof(Linear))
            {
                weight = empty(outputSize, inputSize, dtype, device).AsParameter();
                nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
                if (!hasBias)
                    return;
                bias = empty(outputSize, dtype, device).AsParameter();
                var bound = inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0;
                nn.init.uniform_(bias, -bound, bound);
            }

            public Parameter weight
            {
                get => ownWeight;
                set
                {
                    ArgumentNullException.ThrowIfNull(value);
                    SetParameter(nameof(weight), ref ownWeight, value);
                }
            }

            public Parameter bias
            {
                get => ownBias;
                set => SetParameter(nameof(bias), ref ownBias, value);
            }

            public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, ownWeight, ownBias);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Linear Linear(
                long inputSize, long outputSize, bool hasBias = true, Device device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);

            public partial class Module
            {
                /// <summary>Takes a parameter in place of the one held so far, which ends with that.</summary>
                private protected void SetParameter(string component, ref Modules.Parameter held, Modules.Parameter value)
                {
                    if (ReferenceEquals(held, value))
                        return;
                    held?.DetachFromDisposeScope().Dispose();
                    value?.DetachFromDisposeScope();
                    held = value;
                    ConditionallyRegisterParameter(component, value);
                }
            }
        }
    }
}
