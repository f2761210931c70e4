namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor bias = null) =>
                Operators.linear.Call(input, weights, bias);

            public static Tensor layer_norm(
                Tensor input, long[] normalized_shape, Tensor weight = null, Tensor bias = null, double eps = 1e-05) =>
                Operators.layer_norm.Call(input, normalized_shape, weight, bias, eps);

            public static Tensor group_norm(
                Tensor input, long num_groups, Tensor weight = null, Tensor bias = null, double eps = 1e-05) =>
                Operators.group_norm.Call(input, num_groups, weight, bias, eps);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? Operators.dropout_.Mutate(input, p, training).Share() : Operators.dropout.Call(input, p, training);

            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_().Share() : x.relu();

            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_().Share() : x.silu();

            public static Tensor sigmoid(Tensor x) => x.sigmoid();

            public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? x.tanh_().Share() : x.tanh();

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                inplace ? input.leaky_relu_(negative_slope).Share() : input.leaky_relu(negative_slope);

            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) =>
                Operators.softplus.Call(x, beta, threshold);

            public static Tensor glu(Tensor input, long dim = -1L) => Operators.glu.Call(input, dim);

            public static Tensor logsigmoid(Tensor x) => x.log_sigmoid();

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            public static Tensor one_hot(Tensor x, long num_classes = -1L) => Operators.one_hot.Call(x, num_classes);

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1L, double eps = 1e-08) =>
                Operators.cosine_similarity.Call(x1, x2, dim, eps);

            public static Tensor scaled_dot_product_attention(
                Tensor query, Tensor key, Tensor value, Tensor attn_mask = null, double p = 0, bool is_casual = false)
            {
                if (Operators.scaled_dot_product_attention.Exists)
                    return Operators.scaled_dot_product_attention.Call(query, key, value, attn_mask, p, is_casual);
                // libtorch 1.13 has it under its working name, with the attention weights as a second result.
                var (result, weights) = Operators._scaled_dot_product_attention.CallPair(
                    query, key, value, attn_mask, p, false, is_casual);
                weights?.Dispose();
                return result;
            }
        }
    }
}
