using System.Globalization;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>
/// The arithmetic of a run before it starts: its tokens against what its network can use, operations, memory and time.
/// </summary>
/// <remarks>
/// <para>Operations: 6 for each weight and token, and 12 x layers x width x window for the scores of attention (Kaplan et al.
/// 2020, https://arxiv.org/abs/2001.08361; Chowdhery et al. 2022, appendix B, https://arxiv.org/abs/2204.02311). Tokens for a
/// weight: 20 are about optimal for a given amount of computation (Hoffmann et al. 2022, https://arxiv.org/abs/2203.15556);
/// small networks are often trained on many more.</para>
/// <para>Memory: 4 bytes a weight; for each weight that learns 4 for its gradient, 8 for the moments of AdamW, 4 for the copy
/// of the best and 4 for the average, where one is kept; and what the layers keep for the backward pass, a rough estimate.</para>
/// </remarks>
public sealed record TrainingPlan
{
    /// <summary>Tokens for a weight that are about optimal for a given amount of computation.</summary>
    public const double OptimalTokensPerParameter = 20;

    // What small networks reach on processors; larger ones on a GPU do better.
    private const double AssumedShareOfPeak = 0.25;
    private const long ScoresAtOnceBytes = 3L * (32 << 20);

    /// <summary>Weights of the network.</summary>
    public required long Parameters { get; init; }

    /// <summary>Weights that learn.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>Tokens of an epoch.</summary>
    public required long TokensPerEpoch { get; init; }

    /// <summary>Tokens of the run.</summary>
    public required long Tokens { get; init; }

    /// <summary>Tokens for each weight; see <see cref="OptimalTokensPerParameter"/>.</summary>
    public double TokensPerParameter => (double)Tokens / Parameters;

    /// <summary>Whether the network learns its language in this run. Fine-tuning goes on from what it knows, and needs far fewer tokens.</summary>
    public bool IsPretraining { get; init; } = true;

    /// <summary>Floating-point operations for a token, forward and backward.</summary>
    public required double FlopsPerToken { get; init; }

    /// <summary>Floating-point operations of the run.</summary>
    public double Flops => FlopsPerToken * Tokens;

    /// <summary>Bytes of the weights.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Bytes of the gradients.</summary>
    public required long GradientBytes { get; init; }

    /// <summary>Bytes of the optimizer's moments, of the copy of the best weights and of their average.</summary>
    public required long OptimizerBytes { get; init; }

    /// <summary>Bytes that the layers keep for a backward pass; estimated.</summary>
    public required long ActivationBytes { get; init; }

    /// <summary>Bytes needed together.</summary>
    public long MemoryNeeded => WeightBytes + GradientBytes + OptimizerBytes + ActivationBytes;

    /// <summary>Bytes that the device has for it, the weights that are there already included; <see langword="null"/> where unknown.</summary>
    public long? MemoryAvailable { get; init; }

    /// <summary>Whether the run needs more memory than there is.</summary>
    public bool ExceedsMemory => MemoryNeeded > MemoryAvailable;

    /// <summary>Floating-point operations a second that the device reaches in large matrix products; <see langword="null"/> where not measured.</summary>
    public double? PeakFlops { get; init; }

    /// <summary>A first guess of the run's time, at a quarter of the peak; <see langword="null"/> where that was not measured.</summary>
    public TimeSpan? EstimatedTime => PeakFlops is { } peak
        ? TimeSpan.FromSeconds(Math.Min(Flops / (peak * AssumedShareOfPeak), TimeSpan.MaxValue.TotalSeconds / 2))
        : null;

    /// <summary>Plans a run on a processor; nothing is built.</summary>
    /// <param name="network">Shape of the network.</param>
    /// <param name="tokensPerEpoch">Tokens of an epoch, 0 or more.</param>
    /// <param name="training">Epochs or steps, and the batch size.</param>
    /// <param name="windowLength">Tokens of a row, 1 to the context length, which is what <see langword="null"/> means.</param>
    /// <param name="precision">Number type of the products: Float32 or BFloat16.</param>
    /// <param name="trainableParameters">Weights that learn, 0 to all, which is what <see langword="null"/> means.</param>
    /// <exception cref="ArgumentException">The network's shape is not possible, or a number is out of its range; the message names it.</exception>
    public static TrainingPlan For(
        TransformerConfig network,
        long tokensPerEpoch,
        TrainingOptions training,
        int? windowLength = null,
        Precision precision = Precision.Float32,
        long? trainableParameters = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentOutOfRangeException.ThrowIfNegative(tokensPerEpoch);
        network.Validate();
        var (window, trainable) = (windowLength ?? network.ContextLength, trainableParameters ?? network.ParameterCount);
        Setting.Between(1, network.ContextLength, window, nameof(windowLength));
        Setting.Between(0, network.ParameterCount, trainable, nameof(trainableParameters));
        return precision is Precision.Float32 or Precision.BFloat16
            ? For(network, tokensPerEpoch, training, window, precision, trainable, DeviceType.CPU)
            : throw new ArgumentOutOfRangeException(nameof(precision), precision, "The precision must be Float32 or BFloat16: no device is there to choose it.");
    }

    private static TrainingPlan For(
        TransformerConfig network, long tokensPerEpoch, TrainingOptions training, int window, Precision precision, long trainable, DeviceType device)
    {
        var parameters = network.ParameterCount;
        return new TrainingPlan
        {
            Parameters = parameters,
            TrainableParameters = trainable,
            TokensPerEpoch = tokensPerEpoch,
            Tokens = training.MaximumSteps * training.BatchSize * window ?? tokensPerEpoch * training.Epochs,
            FlopsPerToken = 6.0 * parameters + 12.0 * network.LayerCount * network.Width * window,
            WeightBytes = 4 * parameters,
            GradientBytes = 4 * trainable,
            OptimizerBytes = (8 + 4 + (training.WeightAverageDecay is null ? 0 : 4)) * trainable,
            ActivationBytes = Activations(network, training, window, precision, device),
        };
    }

    /// <summary>Plans a run of a network that is there, with the memory and speed of its device.</summary>
    internal static TrainingPlan For(TransformerModel network, long tokensPerEpoch, TrainingOptions training, int windowLength)
    {
        var weights = network.parameters().Sum(parameter => parameter.numel());
        var learning = network.parameters().Where(parameter => parameter.requires_grad).Sum(parameter => parameter.numel());
        var plan = For(network.Config, tokensPerEpoch, training, windowLength, network.Precision, learning, network.Device.type);
        return plan with
        {
            MemoryAvailable = ComputeDevice.AvailableMemory(network.Device) + (network.Device.type == DeviceType.CPU ? 4 * weights : 0),
            PeakFlops = ComputeSpeed.PeakFlops(network.Device, network.Precision),
        };
    }

    /// <summary>Plans the fine-tuning of a network on rows of different lengths: operations go by their mean, memory by the longest.</summary>
    /// <param name="network">What learns.</param>
    /// <param name="rowLengths">Tokens of each row of an epoch.</param>
    /// <param name="training">Epochs or steps, and the batch size.</param>
    /// <param name="predictsTokens">Whether tokens are predicted; otherwise the vocabulary's weights are only looked up, and there are no scores of it.</param>
    internal static TrainingPlan For(TransformerModel network, IReadOnlyCollection<int> rowLengths, TrainingOptions training, bool predictsTokens)
    {
        var (tokens, longest) = (rowLengths.Sum(length => (long)length), rowLengths.Max());
        var plan = For(network, tokens, training, (int)Math.Ceiling((double)tokens / rowLengths.Count));
        var lookedUp = predictsTokens ? 0 : plan.Parameters - (network.Config with { VocabularySize = 0 }).ParameterCount;
        return plan with
        {
            IsPretraining = false,
            FlopsPerToken = plan.FlopsPerToken - 6.0 * lookedUp,
            ActivationBytes = Activations(network.Config, training, longest, network.Precision, network.Device.type) - (predictsTokens ? 0 : ScoresAtOnceBytes),
        };
    }

    /// <summary>What to change where the memory is too small.</summary>
    internal string MemoryWarning =>
        $"The run needs about {Bytes(MemoryNeeded)}, but only {Bytes(MemoryAvailable ?? 0)} are available: weights {Bytes(WeightBytes)}, " +
        $"gradients {Bytes(GradientBytes)}, optimizer and best weights {Bytes(OptimizerBytes)}, activations about {Bytes(ActivationBytes)}. " +
        (ActivationBytes > MemoryNeeded / 2 ? "Lower MaximumTokensPerForward, BatchSize or the length of the rows (WindowLength, MaximumTokens), or set RecomputesActivations." : "Choose a smaller network, or train fewer of its blocks.");

    /// <inheritdoc/>
    public override string ToString()
    {
        var learning = TrainableParameters < Parameters ? $" ({Count(TrainableParameters)} learn)" : "";
        var share = IsPretraining
            ? string.Create(CultureInfo.InvariantCulture, $" = {TokensPerParameter:0.##} a parameter (compute-optimal: about {OptimalTokensPerParameter})")
            : "";
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{Count(Parameters)} parameters{learning}, {Count(Tokens)} tokens{share}, {Flops:0.0e+0} FLOPs, about {Bytes(MemoryNeeded)} of memory");
        text += MemoryAvailable is { } available ? $" of {Bytes(available)}" : "";
        return PeakFlops is not { } peak ? text : text + string.Create(CultureInfo.InvariantCulture,
            $"; about {ProgressText.Duration(EstimatedTime!.Value)} at {AssumedShareOfPeak:p0} of {peak / 1e9:#,0} GFLOP/s");
    }

    // What the scores of a vocabulary take is the same for all.
    private static long Activations(TransformerConfig network, TrainingOptions training, int window, Precision precision, DeviceType device)
    {
        var atOnce = Math.Max(window, ActivationMemory.TokensAtOnce(training, network, window, precision, device));
        return Math.Min((long)training.BatchSize * window, atOnce) * ActivationMemory.BytesPerToken(network, window, precision, training.RecomputesActivations) + ScoresAtOnceBytes;
    }

    private static string Count(long value) => value switch
    {
        < 10_000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        < 10_000_000 => (value / 1e3).ToString("#,0", CultureInfo.InvariantCulture) + " k",
        < 10_000_000_000 => (value / 1e6).ToString("#,0", CultureInfo.InvariantCulture) + " M",
        _ => (value / 1e9).ToString("#,0", CultureInfo.InvariantCulture) + " G",
    };

    private static string Bytes(long value) => value < 10L << 30
        ? (value / 1048576.0).ToString("#,0", CultureInfo.InvariantCulture) + " MB"
        : (value / 1073741824.0).ToString("#,0", CultureInfo.InvariantCulture) + " GB";
}
