using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <content>Low-rank adapters on the network's linear layers.</content>
public abstract partial class TransformerModel
{
    internal const string AdapterBranch = "lora";

    /// <summary>Settings of the adapters that the network has; <see langword="null"/> where it has none.</summary>
    public LoraOptions? Adapters { get; private set; }

    /// <summary>Freezes all weights and puts adapters beside the chosen layers, which alone learn from here on.</summary>
    /// <param name="options">Rank, weight, dropout and targets.</param>
    /// <param name="seed">The same seed gives the same adapters.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or a target matches no layer; the message lists the layers there are.</exception>
    /// <exception cref="InvalidOperationException">The network has adapters already.</exception>
    public void AddAdapters(LoraOptions options, long seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (Adapters is not null)
        {
            throw new InvalidOperationException("The network has adapters already; merge or remove them first.");
        }

        var targets = AdapterTargets(options);
        foreach (var parameter in parameters())
        {
            parameter.requires_grad = false;
        }

        WeightsChanged();
        using var initializer = new WeightInitializer(seed, Device);
        using var noGradient = no_grad();
        foreach (var (_, layer) in targets)
        {
            var (outputs, inputs) = (layer.Weight.shape[0], layer.Weight.shape[1]);
            var down = initializer.Uniform([options.Rank, inputs], 1 / Math.Sqrt(inputs));
            var up = new TorchSharp.Modules.Parameter(zeros(outputs, options.Rank, device: Device));
            layer.Adapter = new LowRankAdapter(down, up, options.Alpha / options.Rank, Dropout, options.Dropout);
        }

        Adapters = options with { TargetModules = options.TargetModules ?? Config.Family.AdapterTargets };
        areEmbeddingsFrozen = true;
    }

    /// <summary>Adds what the adapters have learned to the weights and removes the adapters: the network computes the same, as fast as without them.</summary>
    public void MergeAdapters()
    {
        using (no_grad())
        {
            foreach (var (_, layer) in AdaptedLayers())
            {
                using var change = layer.Adapter!.Change();
                layer.Weight.add_(change);
            }
        }

        RemoveAdapters();
    }

    /// <summary>Runs something on the network as it would be with its adapters merged; afterwards it is as before, to the bit.</summary>
    /// <param name="work">Runs at once where there are no adapters.</param>
    public void WhileMerged(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var settings = Adapters;
        var adapted = AdaptedLayers().Select(pair => (pair.Layer, Adapter: pair.Layer.Adapter!)).ToArray();
        using var noGradient = no_grad();
        var kept = Array.ConvertAll(adapted, pair => pair.Layer.Weight.clone());
        try
        {
            Adapters = null;
            foreach (var (layer, adapter) in adapted)
            {
                using var change = adapter.Change();
                layer.Weight.add_(change);
                layer.Adapter = null;
            }

            work();
        }
        finally
        {
            foreach (var ((layer, adapter), weight) in adapted.Zip(kept))
            {
                layer.Weight.copy_(weight);
                layer.Adapter ??= adapter;
                weight.Dispose();
            }

            Adapters = settings;
        }
    }

    /// <summary>Tells whether <see cref="AddAdapters"/> would take these settings, and changes nothing.</summary>
    /// <param name="options">Rank, weight, dropout and targets.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or a target matches no layer; the message lists the layers there are.</exception>
    public void CheckAdapters(LoraOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        AdapterTargets(options);
    }

    /// <summary>Removes the adapters and what they have learned. All weights learn again.</summary>
    public void RemoveAdapters()
    {
        foreach (var (_, layer) in AdaptedLayers())
        {
            layer.Adapter!.Dispose();
            layer.Adapter = null;
        }

        Adapters = null;
        foreach (var parameter in parameters())
        {
            parameter.requires_grad = true;
        }

        UnfreezeAll();
    }

    /// <summary>The layers with adapters, under their public paths without the family's prefix.</summary>
    internal IEnumerable<(string Path, LinearLayer Layer)> AdaptedLayers() => LinearLayers().Where(pair => pair.Layer.Adapter is not null);

    /// <exception cref="InvalidOperationException">The network has adapters, which its plain weights do not tell.</exception>
    internal void RequireNoAdapters(string action)
    {
        if (Adapters is not null)
        {
            throw new InvalidOperationException($"The network has adapters; merge them (MergeAdapters), save them (LoraCheckpoint.Save) or remove them before {action}.");
        }
    }

    private List<(string Path, LinearLayer Layer)> AdapterTargets(LoraOptions options)
    {
        var candidates = LinearLayers().Where(pair => !IsHead(pair.Path + ".weight")).ToList();
        var wanted = options.TargetModules ?? Config.Family.AdapterTargets;
        var chosen = new List<(string, LinearLayer)>();
        foreach (var target in wanted)
        {
            var matching = candidates.Where(pair => Matches(pair.Path, target)).ToList();
            if (matching.Count == 0)
            {
                var names = candidates.Select(pair => pair.Path[(pair.Path.LastIndexOf('.') + 1)..]).Distinct();
                throw new ArgumentException(
                    $"LoraOptions.TargetModules: '{target}' matches no linear layer; there are {string.Join(", ", names)}.", nameof(options));
            }

            chosen.AddRange(matching.Where(pair => !chosen.Contains(pair)));
        }

        var narrowest = chosen.Min(pair => pair.Item2.Weight.shape.Min());
        return options.Rank <= narrowest
            ? chosen
            : throw new ArgumentException(
                $"LoraOptions.Rank must be at most {narrowest}, the smaller side of an adapted matrix, but is {options.Rank}.", nameof(options));
    }

    private static bool Matches(string path, string target) =>
        target == LoraOptions.AllLinear || path == target || path.EndsWith($".{target}", StringComparison.Ordinal);

    // A network that is part of another module lists layers under their fields' names once more, after their own.
    private IEnumerable<(string Path, LinearLayer Layer)> LinearLayers() => named_modules()
        .Where(pair => pair.Item2 is LinearLayer)
        .Select(pair => (Path: pair.Item1, Layer: (LinearLayer)pair.Item2))
        .DistinctBy(pair => pair.Layer);
}
