using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        public sealed class ReLU : nn.Module<Tensor, Tensor>
        {
            private readonly bool inplace;

            internal ReLU(bool inplace) : base(nameof(ReLU)) => this.inplace = inplace;

            public override Tensor forward(Tensor tensor) => nn.functional.relu(tensor, inplace);
        }

        public sealed class GELU : nn.Module<Tensor, Tensor>
        {
            internal GELU() : base(nameof(GELU))
            {
            }

            public override Tensor forward(Tensor tensor) => tensor.gelu();
        }

        public sealed class SiLU : nn.Module<Tensor, Tensor>
        {
            internal SiLU() : base(nameof(SiLU))
            {
            }

            public override Tensor forward(Tensor tensor) => tensor.silu();
        }

        public sealed class Tanh : nn.Module<Tensor, Tensor>
        {
            internal Tanh() : base(nameof(Tanh))
            {
            }

            public override Tensor forward(Tensor tensor) => tensor.tanh();
        }

        public sealed class Sigmoid : nn.Module<Tensor, Tensor>
        {
            internal Sigmoid() : base(nameof(Sigmoid))
            {
            }

            public override Tensor forward(Tensor tensor) => tensor.sigmoid();
        }

        public sealed class Softmax : nn.Module<Tensor, Tensor>
        {
            private readonly long dimension;

            internal Softmax(long dimension) : base(nameof(Softmax)) => this.dimension = dimension;

            public override Tensor forward(Tensor tensor) => tensor.softmax(dimension);
        }

        public sealed class LogSoftmax : nn.Module<Tensor, Tensor>
        {
            private readonly long dimension;

            internal LogSoftmax(long dimension) : base(nameof(LogSoftmax)) => this.dimension = dimension;

            public override Tensor forward(Tensor tensor) => tensor.log_softmax(dimension);
        }

        public sealed class Identity : nn.Module<Tensor, Tensor>
        {
            internal Identity() : base(nameof(Identity))
            {
            }

            public override Tensor forward(Tensor tensor) => tensor.alias();
        }

        public sealed class Dropout : nn.Module<Tensor, Tensor>
        {
            private readonly double probability;
            private readonly bool inplace;

            internal Dropout(double probability, bool inplace) : base(nameof(Dropout))
            {
                this.probability = probability;
                this.inplace = inplace;
            }

            public override Tensor forward(Tensor tensor) =>
                nn.functional.dropout(tensor, probability, training, inplace);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.ReLU ReLU(bool inplace = false) => new(inplace);

            public static Modules.GELU GELU() => new();

            public static Modules.SiLU SiLU() => new();

            public static Modules.Tanh Tanh() => new();

            public static Modules.Sigmoid Sigmoid() => new();

            public static Modules.Softmax Softmax(long dim) => new(dim);

            public static Modules.LogSoftmax LogSoftmax(long dim) => new(dim);

            public static Modules.Identity Identity() => new();

            public static Modules.Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);
        }
    }
}
