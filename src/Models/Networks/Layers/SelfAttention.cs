using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>The heads of a <see cref="SelfAttention"/>.</summary>
/// <param name="HeadCount">Query heads.</param>
/// <param name="KeyValueHeadCount">Key and value heads, a divisor of <paramref name="HeadCount"/>; fewer are shared by neighbouring
/// query heads (Ainslie et al. 2023).</param>
/// <param name="HeadWidth">Size of a head's vectors.</param>
internal sealed record AttentionHeads(int HeadCount, int KeyValueHeadCount, int HeadWidth)
{
    public int QueryWidth => HeadCount * HeadWidth;

    public int KeyValueWidth => KeyValueHeadCount * HeadWidth;

    public int QueriesPerKey => HeadCount / KeyValueHeadCount;
}

/// <summary>Multi-head attention (Vaswani et al. 2017); what may look at what is the plan's business.</summary>
/// <param name="heads">Number and size of the heads.</param>
/// <param name="inputs">Either one layer to queries, keys and values side by side, or three.</param>
/// <param name="output">From all heads back to the width.</param>
/// <param name="dropout">Random numbers of the network.</param>
/// <param name="dropoutProbability">Dropout of the attention weights while training.</param>
internal sealed class SelfAttention(
    AttentionHeads heads, IReadOnlyList<LinearLayer> inputs, LinearLayer output, DropoutSource dropout, double dropoutProbability)
{
    public IEnumerable<Parameter> Parameters => inputs.Append(output).SelectMany(layer => layer.parameters());

    /// <param name="input">[batch * time, width].</param>
    /// <param name="plan">How the rows lie and which positions see which.</param>
    /// <param name="layer">Whose keys and values in the cache these are.</param>
    /// <returns>[batch * time, width] of the compute type.</returns>
    public Tensor Forward(Tensor input, AttentionPlan plan, int layer)
    {
        using var mixed = plan.IsDirect ? AttendDirectly(input, plan, layer) : AttendByToken(input, plan, layer);
        return output.forward(mixed);
    }

    // [batch * time, all heads].
    private Tensor AttendDirectly(Tensor input, AttentionPlan plan, int layer)
    {
        if (inputs.Count == 1 && plan.Rotary is null)
        {
            using var joined = inputs[0].forward(input);
            return FewTokenAttention.Attend(joined, heads, plan, layer);
        }

        var (query, key, value) = Project(input, plan);
        using (query)
        using (key)
        using (value)
        {
            return FewTokenAttention.Attend(query, key, value, heads, plan, layer);
        }
    }

    private Tensor AttendByToken(Tensor input, AttentionPlan plan, int layer)
    {
        var (query, key, value) = Project(input, plan);
        using var mixed = plan.Cache is null ? Attend(query, key, value, plan) : AttendCached(query, key, value, plan, layer);
        query.Dispose();
        key.Dispose();
        value.Dispose();
        using var byToken = mixed.transpose(1, 2);
        return byToken.reshape(plan.Batch * plan.Time, heads.QueryWidth);
    }

    // Each [batch, heads, time, headWidth].
    private (Tensor Query, Tensor Key, Tensor Value) Project(Tensor input, AttentionPlan plan)
    {
        var (query, key, value) = inputs.Count == 1 ? ProjectTogether(input, plan) : (
            Split(inputs[0].forward(input), plan, heads.HeadCount),
            Split(inputs[1].forward(input), plan, heads.KeyValueHeadCount),
            Split(inputs[2].forward(input), plan, heads.KeyValueHeadCount));
        if (plan.Rotary is not { } rotary)
        {
            return (query, key, value);
        }

        using (query)
        using (key)
        {
            return (rotary.Rotate(query), rotary.Rotate(key), value);
        }
    }

    private (Tensor Query, Tensor Key, Tensor Value) ProjectTogether(Tensor input, AttentionPlan plan)
    {
        using var joined = inputs[0].forward(input);
        using var split = joined.view(plan.Batch, plan.Time, 3, heads.HeadCount, heads.HeadWidth);
        using var arranged = split.permute(2, 0, 3, 1, 4);
        var parts = arranged.unbind(0);
        return (parts[0], parts[1], parts[2]);
    }

    private Tensor Split(Tensor projected, AttentionPlan plan, int headCount)
    {
        using (projected)
        using (var split = projected.view(plan.Batch, plan.Time, headCount, heads.HeadWidth))
        {
            return split.transpose(1, 2);
        }
    }

    private Tensor AttendCached(Tensor query, Tensor key, Tensor value, AttentionPlan plan, int layer)
    {
        using var held = plan.Cache!.Append(layer, key, value);
        return Attend(query, held.Keys, held.Values, plan);
    }

    private Tensor Attend(Tensor query, Tensor key, Tensor value, AttentionPlan plan)
    {
        if (heads.QueriesPerKey == 1)
        {
            return AttendHeads(query, key, value, plan);
        }

        if (plan.Time == 1)
        {
            // The queries that share a key stand in for the time of one token: no key is copied.
            using var grouped = query.reshape(plan.Batch, heads.KeyValueHeadCount, heads.QueriesPerKey, heads.HeadWidth);
            using var mixed = AttendHeads(grouped, key, value, plan);
            return mixed.reshape(plan.Batch, heads.HeadCount, 1, heads.HeadWidth);
        }

        using var keys = Repeat(key);
        using var values = Repeat(value);
        return AttendHeads(query, keys, values, plan);
    }

    private Tensor Repeat(Tensor shared)
    {
        var shape = shared.shape;
        using var apart = shared.unsqueeze(2);
        using var repeated = apart.expand(shape[0], shape[1], heads.QueriesPerKey, shape[2], shape[3]);
        return repeated.reshape(shape[0], heads.HeadCount, shape[2], shape[3]);
    }

    private Tensor AttendHeads(Tensor query, Tensor key, Tensor value, AttentionPlan plan) =>
        dropoutProbability > 0 && dropout.IsTraining
            ? AttendWithDropout(query, key, value, plan)
            : nn.functional.scaled_dot_product_attention(query, key, value, attn_mask: plan.Mask, is_casual: plan.IsCausal);

    // Spelled out, because the fused operation draws its dropout from libtorch's global generator.
    private Tensor AttendWithDropout(Tensor query, Tensor key, Tensor value, AttentionPlan plan)
    {
        using var scaled = query.mul(KeptScalar.Of(1 / Math.Sqrt(heads.HeadWidth)));
        using var turned = key.transpose(2, 3);
        using var scores = matmul(scaled, turned);
        using var visible = plan.IsCausal ? HideLater(scores) : plan.Mask is null ? scores.alias() : scores.add(plan.Mask);
        // Of the compute type, as the fused operation has them: these are the largest tensors that the graph keeps.
        using var weights = visible.softmax(-1);
        using var thinned = dropout.Drop(weights, dropoutProbability);
        return matmul(thinned, value);
    }

    private static Tensor HideLater(Tensor scores)
    {
        var time = scores.shape[^1];
        using var all = ones(time, time, ScalarType.Bool, scores.device);
        using var later = all.triu(1);
        return scores.masked_fill_(later, KeptScalar.Of(double.NegativeInfinity)).alias();
    }
}
