using MLNetLlm.Models;
using MLNetLlm.Transforms;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>A text and the number of its class.</summary>
internal readonly record struct LabelledText(string Text, int Label);

/// <summary>Cross-entropy of the classes, with the language-model loss beside it where that is asked for.</summary>
internal sealed class ClassificationObjective : IObjective, IDisposable
{
    private readonly TextClassificationModel model;
    private readonly TextClassificationOptions options;
    private readonly IReadOnlyList<LabelledText> rows;
    private readonly int[][] plainTokens;
    private readonly IReadOnlyList<LabelledText> validationRows;
    private readonly int[][] validationTokens;
    private readonly torch.Tensor? classWeights;

    public ClassificationObjective(
        TextClassificationModel model,
        TextClassificationOptions options,
        IReadOnlyList<LabelledText> rows,
        IReadOnlyList<LabelledText> validationRows,
        TruncationReport truncation)
    {
        this.model = model;
        this.options = options;
        this.rows = rows;
        this.validationRows = validationRows;
        plainTokens = TokenRows.Encode(Texts(rows), model, truncation);
        validationTokens = TokenRows.Encode(Texts(validationRows), model, truncation);
        classWeights = options.ClassWeights is { } weights
            ? torch.tensor(weights.For(model.Labels, rows.Select(row => row.Label)), device: model.Backbone.Network.Device)
            : null;
    }

    public string Stage => "classification";

    public torch.nn.Module Network => model.Network;

    public TransformerModel Transformer => model.Backbone.Network;

    /// <summary>What the training will take.</summary>
    public TrainingPlan Plan => TrainingPlan.For(
        model.Backbone.Network, Array.ConvertAll(plainTokens, row => row.Length), options.Training, predictsTokens: options.LanguageModelLossWeight > 0);

    public int StepsPerEpoch => (rows.Count + options.Training.BatchSize - 1) / options.Training.BatchSize;

    public IEnumerable<TrainingBatch> Batches(EpochStart start)
    {
        var random = start.CreateRandom();
        var tokens = options.SubwordDropout > 0
            ? rows.Select((row, index) => row.Text.Length == 0 ? plainTokens[index] : Resplit(row.Text, random)).ToArray()
            : plainTokens;
        var plan = LengthBucketedBatches.Plan(tokens.Select(row => row.Length).ToArray(), options.Training.BatchSize, random);
        return plan.Skip((int)start.FirstBatch).Select(batch => ToBatch(batch, tokens));
    }

    public void SeedStep(long seed) => model.Backbone.Network.SeedDropout(seed);

    public torch.Tensor Backward(TrainingBatch batch, BatchShare share)
    {
        var backbone = model.Network.Backbone;
        var hidden = backbone.Forward(batch.Tokens.Ids, batch.Tokens.Lengths);
        // Both losses leave their gradients on a copy of the hidden states, so that the backbone's graph is walked once.
        var states = hidden.detach().requires_grad_();
        var logits = model.Network.Classify(states, batch.Tokens.Lengths);
        var loss = torch.nn.functional.cross_entropy(logits, batch.Labels!, classWeights, label_smoothing: options.LabelSmoothing).mul(KeptScalar.Of(share.Rows));
        loss.backward();
        if (batch.Targets is not null)
        {
            LanguageModelLoss.Backward(backbone, states, batch.Targets, options.LanguageModelLossWeight * share.Targets);
        }

        if (hidden.requires_grad)
        {
            torch.autograd.backward(hidden, states.grad!);
        }

        return loss.detach();
    }

    public ValidationResult? Validate()
    {
        if (validationRows.Count == 0)
        {
            return null;
        }

        var logits = model.Score(validationTokens);
        var (loss, correct) = (0.0, 0);
        for (var row = 0; row < logits.Length; row++)
        {
            var label = validationRows[row].Label;
            var largest = logits[row].Max();
            loss += largest + Math.Log(logits[row].Sum(logit => Math.Exp(logit - largest))) - logits[row][label];
            correct += Array.IndexOf(logits[row], largest) == label ? 1 : 0;
        }

        return new ValidationResult(loss / logits.Length, correct / (double)logits.Length);
    }

    public void Save(string directory) => model.Backbone.Network.WhileMerged(() => model.Save(directory));

    public void Identify(RunIdentity identity)
    {
        identity.AddOptions(options);
        identity.Add("class weights", options.ClassWeights);
        identity.AddTokenizer(model.Backbone.Tokenizer);
        identity.Add("labels", string.Join(", ", model.Labels));
        identity.AddContent("training data", rows.Select(row => $"{row.Label} {row.Text}"));
        identity.AddContent("validation data", validationRows.Select(row => $"{row.Label} {row.Text}"));
    }

    public void Dispose() => classWeights?.Dispose();

    private static string[] Texts(IReadOnlyList<LabelledText> rows) => rows.Select(row => row.Text).ToArray();

    private int[] Resplit(string text, Random random)
    {
        var ids = model.Backbone.Tokenizer.EncodeWithDropout(text, options.SubwordDropout, random);
        return model.Frame(ids.Length > model.MaximumTextTokens ? ids[..model.MaximumTextTokens] : ids);
    }

    private TrainingBatch ToBatch(int[] batch, int[][] tokens)
    {
        var ids = Array.ConvertAll(batch, row => tokens[row]);
        var created = TrainingBatch.Create(
            TokenBatch.Create(ids, TokenRows.PaddingId(model.Backbone.Tokenizer), model.Backbone.Network),
            ids,
            nextTokenTargets: options.LanguageModelLossWeight > 0,
            Array.ConvertAll(batch, row => rows[row].Label));
        return created with { RowWeights = classWeights?.index_select(0, created.Labels!) };
    }
}
