using MLNetLlm.Models;
using MLNetLlm.Transforms;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>Predict each next token of the texts (Radford et al. 2019, GPT-2).</summary>
internal sealed class CausalLanguageModelObjective : IObjective
{
    private readonly LanguageModel model;
    private readonly PretrainingOptions options;
    private readonly IReadOnlyList<string> texts;
    private readonly int[][] tokens;
    private readonly IReadOnlyList<int[]> validationWindows;
    private readonly int windowLength;
    private readonly int stride;

    public CausalLanguageModelObjective(
        LanguageModel model, PretrainingOptions options, IReadOnlyList<string> texts, IReadOnlyList<string> validationTexts)
    {
        this.model = model;
        this.options = options;
        this.texts = texts;
        windowLength = options.WindowLength ?? model.Config.ContextLength;
        stride = options.Stride ?? windowLength - 1;
        tokens = texts.Select(model.Tokenizer.Encode).ToArray();
        var stream = Join(tokens);
        TokenCount = stream.Length;
        // An offset can add a window.
        StepsPerEpoch = (Windows(stream, stride, offset: 0).Count() + options.Training.BatchSize) / options.Training.BatchSize;
        validationWindows = Windows(Join(validationTexts.Select(model.Tokenizer.Encode)), windowLength - 1, offset: 0).ToList();
    }

    public string Stage => "pretraining";

    public torch.nn.Module Network => model.Network;

    public int StepsPerEpoch { get; }

    /// <summary>Tokens in an epoch.</summary>
    public int TokenCount { get; }

    public IEnumerable<TrainingBatch> Batches(EpochStart start)
    {
        var random = start.CreateRandom();
        var shuffled = options.SubwordDropout > 0
            ? texts.Select(text => model.Tokenizer.EncodeWithDropout(text, options.SubwordDropout, random)).ToArray()
            : tokens.ToArray();
        random.Shuffle(shuffled);
        var stream = Join(shuffled);
        var offset = stream.Length > windowLength ? random.Next(stride) : 0;
        var windows = Windows(stream, stride, offset).ToArray();
        random.Shuffle(windows);
        return windows.Chunk(options.Training.BatchSize).Skip((int)start.FirstBatch).Select(ToBatch);
    }

    public void SeedStep(long seed) => model.Network.SeedDropout(seed);

    public torch.Tensor Backward(TrainingBatch batch, BatchShare share)
    {
        var hidden = model.Network.call(batch.Tokens.Ids);
        return LanguageModelLoss.Backward(model.Network, hidden, batch.Targets!, share.Targets).mul(share.Targets);
    }

    public ValidationResult? Validate()
    {
        if (validationWindows.Count == 0)
        {
            return null;
        }

        using var noGradient = torch.no_grad();
        var (sum, predictions) = (0.0, 0L);
        foreach (var windows in validationWindows.Chunk(options.Training.BatchSize))
        {
            using var scope = torch.NewDisposeScope();
            using var batch = ToBatch(windows);
            var hidden = model.Network.call(batch.Tokens.Ids);
            sum += LanguageModelLoss.Evaluate(model.Network, hidden, batch.Targets!, torch.nn.Reduction.Sum).ToDouble();
            predictions += windows.Sum(window => window.Length - 1L);
        }

        return new ValidationResult(sum / predictions, Accuracy: null);
    }

    public void Save(string directory) => model.Save(directory);

    public void Identify(RunIdentity identity)
    {
        identity.AddOptions(options);
        identity.AddTokenizer(model.Tokenizer);
        identity.AddContent("training data", tokens);
        identity.AddContent("validation data", validationWindows);
    }

    private int[] Join(IEnumerable<int[]> rows) => TokenStream.Join(rows, model.Tokenizer.EndOfTextId);

    private IEnumerable<int[]> Windows(int[] stream, int step, int offset) => TokenStream.Windows(stream, windowLength, step, offset);

    private TrainingBatch ToBatch(int[][] windows) => TrainingBatch.Create(
        windows, TokenRows.PaddingId(model.Tokenizer), nextTokenTargets: true, labels: null, model.Network.Device);
}
