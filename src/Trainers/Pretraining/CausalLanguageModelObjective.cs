using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>Predict each next token of the texts (Radford et al. 2019, GPT-2).</summary>
internal sealed class CausalLanguageModelObjective : IObjective
{
    private readonly LanguageModel model;
    private readonly PretrainingOptions options;
    private readonly PretrainingData data;

    public CausalLanguageModelObjective(LanguageModel model, PretrainingOptions options, PretrainingData data)
    {
        this.model = model;
        this.options = options;
        this.data = data;
        StepsPerEpoch = checked((int)data.Training.BatchesPerEpoch);
    }

    public string Stage => "pretraining";

    public torch.nn.Module Network => model.Network;

    public int StepsPerEpoch { get; }

    // An iterator, so that the epoch's texts are joined, and split anew where that is asked for, on the thread that prepares batches.
    public IEnumerable<TrainingBatch> Batches(EpochStart start)
    {
        foreach (var batch in data.Training.Epoch(start.Seed, start.Epoch).From(start.FirstBatch))
        {
            yield return batch;
        }
    }

    public void SeedStep(long seed) => model.Network.SeedDropout(seed);

    public torch.Tensor Backward(TrainingBatch batch, BatchShare share)
    {
        var hidden = HiddenStates(batch);
        return LanguageModelLoss.Backward(model.Network, hidden, batch.Targets!, share.Targets).mul(KeptScalar.Of(share.Targets));
    }

    public ValidationResult? Validate()
    {
        if (data.Validation is null)
        {
            return null;
        }

        using var noGradient = torch.no_grad();
        var (sum, predictions) = (0.0, 0L);
        foreach (var batch in data.Validation.From(0).Take((int)data.ValidationBatches))
        {
            using var scope = torch.NewDisposeScope();
            using var owned = batch;
            var hidden = HiddenStates(batch);
            sum += LanguageModelLoss.Evaluate(model.Network, hidden, batch.Targets!, torch.nn.Reduction.Sum).ToDouble();
            predictions += batch.Targets!.ne(KeptScalar.Of(LanguageModelLoss.Ignored)).sum().ToInt64();
        }

        return new ValidationResult(sum / predictions, Accuracy: null);
    }

    // The token between two texts begins the second one, which sees nothing before it; the first one's end it only is as a target.
    private torch.Tensor HiddenStates(TrainingBatch batch)
    {
        var ids = batch.Tokens.Ids;
        if (options.Packing != TextPacking.WholeTexts)
        {
            return model.Network.call(ids);
        }

        using var begins = ids.eq(KeptScalar.Of(model.Tokenizer.EndOfTextId!.Value));
        using var texts = begins.cumsum(1);
        return model.Network.ForwardDocuments(ids, texts);
    }

    public void Save(string directory) => model.Network.WhileMerged(() => model.Save(directory));

    public void Identify(RunIdentity identity)
    {
        identity.AddOptions(options);
        identity.AddTokenizer(model.Tokenizer);
        identity.Add("training data", data.TrainingFingerprint);
        identity.Add("validation data", data.ValidationFingerprint);
    }
}
