namespace TorchSharp;

/// <content>Creation, conversion and networks.</content>
internal static partial class Operators
{
    internal static readonly Operator _scaled_dot_product_attention = new("_scaled_dot_product_attention");
    internal static readonly Operator arange_start_step = new("arange", "start_step");
    internal static readonly Operator binary_cross_entropy = new("binary_cross_entropy");
    internal static readonly Operator binary_cross_entropy_with_logits = new("binary_cross_entropy_with_logits");
    internal static readonly Operator cosine_similarity = new("cosine_similarity");
    internal static readonly Operator cross_entropy_loss = new("cross_entropy_loss");
    internal static readonly Operator detach = new("detach");
    internal static readonly Operator detach_ = new("detach_");
    internal static readonly Operator dropout = new("dropout");
    internal static readonly Operator dropout_ = new("dropout_");
    internal static readonly Operator embedding = new("embedding");
    internal static readonly Operator embedding_renorm_ = new("embedding_renorm_");
    internal static readonly Operator empty_like = new("empty_like");
    internal static readonly Operator empty_memory_format = new("empty", "memory_format");
    internal static readonly Operator empty_strided = new("empty_strided");
    internal static readonly Operator equal = new("equal");
    internal static readonly Operator eye_m = new("eye", "m");
    internal static readonly Operator full = new("full");
    internal static readonly Operator full_like = new("full_like");
    internal static readonly Operator glu = new("glu");
    internal static readonly Operator group_norm = new("group_norm");
    internal static readonly Operator huber_loss = new("huber_loss");
    internal static readonly Operator item = new("item");
    internal static readonly Operator kl_div = new("kl_div");
    internal static readonly Operator l1_loss = new("l1_loss");
    internal static readonly Operator layer_norm = new("layer_norm");
    internal static readonly Operator linalg_vector_norm = new("linalg_vector_norm");
    internal static readonly Operator linear = new("linear");
    internal static readonly Operator linspace = new("linspace");
    internal static readonly Operator mse_loss = new("mse_loss");
    internal static readonly Operator nll_loss_nd = new("nll_loss_nd");
    internal static readonly Operator normal_Tensor_Tensor = new("normal", "Tensor_Tensor");
    internal static readonly Operator one_hot = new("one_hot");
    internal static readonly Operator ones = new("ones");
    internal static readonly Operator ones_like = new("ones_like");
    internal static readonly Operator pad = new("pad");
    internal static readonly Operator rand_generator = new("rand", "generator");
    internal static readonly Operator rand_like = new("rand_like");
    internal static readonly Operator randint_like_low_dtype = new("randint_like", "low_dtype");
    internal static readonly Operator randint_low_generator = new("randint", "low_generator");
    internal static readonly Operator randn_generator = new("randn", "generator");
    internal static readonly Operator randn_like = new("randn_like");
    internal static readonly Operator randperm_generator = new("randperm", "generator");
    internal static readonly Operator scaled_dot_product_attention = new("scaled_dot_product_attention");
    internal static readonly Operator smooth_l1_loss = new("smooth_l1_loss");
    internal static readonly Operator softplus = new("softplus");
    internal static readonly Operator to_device = new("to", "device");
    internal static readonly Operator to_dtype = new("to", "dtype");
    internal static readonly Operator tril_indices = new("tril_indices");
    internal static readonly Operator triu_indices = new("triu_indices");
    internal static readonly Operator zeros = new("zeros");
    internal static readonly Operator zeros_like = new("zeros_like");
}
