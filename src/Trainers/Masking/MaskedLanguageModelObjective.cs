using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>Find out hidden tokens from what stands around them (Devlin et al. 2019, BERT); nothing else is scored.</summary>
internal sealed class MaskedLanguageModelObjective(LanguageModel model, MaskedPretrainingOptions options, PretrainingData data) : IObjective
{
    public string Stage => "masked pretraining";

    public torch.nn.Module Network => model.Network;

    public int StepsPerEpoch { get; } = checked((int)data.Training.BatchesPerEpoch);

    // An iterator, so that the epoch's texts are joined on the thread that prepares batches.
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
        var hidden = model.Network.Forward(batch.Tokens.Ids, batch.Tokens.Lengths);
        return LanguageModelLoss.Backward(model.Network, hidden, batch.Targets!, share.Targets).mul(KeptScalar.Of(share.Targets));
    }

    public ValidationResult? Validate()
    {
        if (data.Validation is null)
        {
            return null;
        }

        var score = default(MaskedTokenScore);
        foreach (var batch in data.Validation.From(0).Take((int)data.ValidationBatches))
        {
            using var owned = batch;
            score += MaskedTokenScore.Of(model.Network, batch);
        }

        return new ValidationResult(score.Loss, score.Accuracy);
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
