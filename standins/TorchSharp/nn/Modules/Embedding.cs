using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        public sealed class Embedding : nn.Module<Tensor, Tensor>
        {
            private readonly long paddingIndex;
            private readonly double? maxNorm;
            private readonly double normType;
            private readonly bool scaleGradientByFrequency;
            private readonly bool sparse;
            [Utils.ComponentName(Name = nameof(weight))] private Parameter ownWeight;

            internal Embedding(
                Tensor embeddings, bool freeze, long? paddingIndex, double? maxNorm, double normType,
                bool scaleGradientByFrequency, bool sparse)
                : base(nameof(Embedding))
            {
                // libtorch counts a negative padding index from the end and takes -1 for none.
                this.paddingIndex = paddingIndex is long index && index < 0 ? index + embeddings.size(0) : paddingIndex ?? -1;
                this.maxNorm = maxNorm;
                this.normType = normType;
                this.scaleGradientByFrequency = scaleGradientByFrequency;
                this.sparse = sparse;
                weight = new Parameter(embeddings, !freeze);
            }

            public Parameter weight
            {
                get => ownWeight;
                set => SetParameter(nameof(weight), ref ownWeight, value);
            }

            public override Tensor forward(Tensor input)
            {
                if (maxNorm is double limit)
                {
                    using var mode = no_grad();
                    Operators.embedding_renorm_.Mutate(ownWeight, input.contiguous(), limit, normType);
                }
                return Operators.embedding.Call(ownWeight, input, paddingIndex, scaleGradientByFrequency, sparse);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Embedding Embedding(
                long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null,
                double norm_type = 2, bool scale_grad_by_freq = false, bool sparse = false, Device device = null,
                ScalarType? dtype = null)
            {
                var values = randn(num_embeddings, embedding_dims, dtype, device);
                if (padding_idx is long padding)
                {
                    using var row = values.select(0, padding);
                    row.fill_(0);
                }
                return new(values, false, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
            }

            public static Modules.Embedding Embedding_from_pretrained(
                Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null,
                double norm_type = 2, bool scale_grad_by_freq = false, bool sparse = false, Device device = null,
                ScalarType? dtype = null) =>
                new(
                    embeddings.to(dtype ?? embeddings.dtype, device ?? embeddings.device), freeze, padding_idx, max_norm,
                    norm_type, scale_grad_by_freq, sparse);
        }
    }
}
