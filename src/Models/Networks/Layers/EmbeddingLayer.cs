using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>A table of vectors, one row per token id or position.</summary>
internal sealed class EmbeddingLayer : nn.Module<Tensor, Tensor>
{
    private readonly List<(Tensor Ids, Tensor Rows)> taken = [];

    public EmbeddingLayer(Parameter weight)
        : base(nameof(EmbeddingLayer))
    {
        Weight = weight;
        register_parameter("weight", weight);
    }

    public Parameter Weight { get; }

    /// <summary>
    /// Whether passes with a graph keep the rows that they took, for <see cref="AddGradient"/>. Otherwise the gradient of a few
    /// rows is a table as large as the weights, beside that of the weights.
    /// </summary>
    public bool KeepsRows { get; set; }

    /// <param name="input">Ids [n], Int64.</param>
    /// <returns>[n, width].</returns>
    public override Tensor forward(Tensor input)
    {
        if (!KeepsRows || !is_grad_enabled() || !Weight.requires_grad)
        {
            return Weight.index_select(0, input);
        }

        using var weight = Weight.detach();
        var rows = weight.index_select(0, input).requires_grad_(true);
        taken.Add((input.alias(), rows));
        return rows.alias();
    }

    /// <summary>Adds what has arrived at the rows that were kept to the gradient of the weights, and forgets them.</summary>
    public void AddGradient()
    {
        using var noGradient = no_grad();
        foreach (var (ids, rows) in taken)
        {
            using var gradient = rows.grad;
            if (gradient is not null)
            {
                using var target = Weight.grad ?? (Weight.grad = zeros_like(Weight));
                AddRows(target, ids, gradient);
            }
        }

        ForgetRows();
    }

    /// <summary>Forgets the rows that were kept.</summary>
    public void ForgetRows()
    {
        taken.ForEach(entry =>
        {
            entry.Ids.Dispose();
            entry.Rows.Dispose();
        });
        taken.Clear();
    }

    /// <summary>Vectors of a plan's positions, in a table of those.</summary>
    /// <returns>[time, width], or [batch, time, width] where rows differ.</returns>
    public Tensor At(AttentionPlan plan)
    {
        if (plan.Positions is null)
        {
            return Weight.narrow(0, plan.Start, plan.Time);
        }

        // Padding behind a row's last token may reach past the table; nothing looks at it.
        using var flat = plan.Positions.view(-1);
        using var inside = flat.clamp_max(KeptScalar.Of(Weight.shape[0] - 1));
        using var vectors = forward(inside);
        return vectors.view(plan.Batch, plan.Time, Weight.shape[1]);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ForgetRows();
        }

        base.Dispose(disposing);
    }

    // The rows of a token are added to each other first, as the library does it: the sums are the same then, bit for bit.
    private static void AddRows(Tensor target, Tensor ids, Tensor rows)
    {
        using var scope = NewDisposeScope();
        using var near = ids.cpu();
        var places = new Dictionary<long, long>();
        var place = Array.ConvertAll(near.data<long>().ToArray(), id => places.TryGetValue(id, out var known) ? known : places[id] = places.Count);
        var sums = zeros(places.Count, rows.shape[1], device: rows.device).index_add_(0, tensor(place, device: rows.device), rows, KeptScalar.Of(1));
        target.index_add_(0, tensor(places.Keys.ToArray(), device: rows.device), sums, KeptScalar.Of(1));
    }
}
