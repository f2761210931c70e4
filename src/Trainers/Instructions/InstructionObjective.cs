using MLNetLlm.Models;
using MLNetLlm.Transforms;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>
/// Predict each next token of the responses (Ouyang et al. 2022, section 3.4); the prompts are only read, unless they are to
/// be learned too. Little is padded: either batches hold examples of similar length, or the examples of a batch share rows.
/// </summary>
internal sealed class InstructionObjective(
    LanguageModel model, InstructionTuningOptions options, IReadOnlyList<InstructionExample> examples, IReadOnlyList<InstructionExample> validationExamples)
    : IObjective
{
    private readonly int[] lengths = examples.Select(example => example.Inputs.Length).ToArray();

    public string Stage => "instruction tuning";

    public torch.nn.Module Network => model.Network;

    /// <summary>What the training will take.</summary>
    public TrainingPlan Plan => TrainingPlan.For(model.Network, lengths, options.Training, predictsTokens: true);

    public int StepsPerEpoch => (examples.Count + options.Training.BatchSize - 1) / options.Training.BatchSize;

    public IEnumerable<TrainingBatch> Batches(EpochStart start)
    {
        var random = start.CreateRandom();
        return PlanBatches(random).Skip((int)start.FirstBatch).Select(batch => InstructionBatches.Create(
            model, options.PacksExamples ? InstructionBatches.Pack(Chosen(batch)) : Chosen(batch).Select(example => new[] { example }).ToArray()));
    }

    public void SeedStep(long seed) => model.Network.SeedDropout(seed);

    public torch.Tensor Backward(TrainingBatch batch, BatchShare share)
    {
        var hidden = batch.Documents is null
            ? model.Network.call(batch.Tokens.Ids)
            : model.Network.ForwardDocuments(batch.Tokens.Ids, batch.Documents);
        return LanguageModelLoss.Backward(model.Network, hidden, batch.Targets!, share.Targets).mul(KeptScalar.Of(share.Targets));
    }

    public ValidationResult? Validate() => validationExamples.Count == 0
        ? null
        : new ValidationResult(ResponseLoss.Of(model, validationExamples, options.Training.BatchSize).Mean, Accuracy: null);

    public void Save(string directory) => model.Network.WhileMerged(() => model.Save(directory));

    public void Identify(RunIdentity identity)
    {
        identity.AddOptions(options);
        identity.AddTokenizer(model.Tokenizer);
        identity.AddContent("training data", examples.Select(example => example.Inputs));
        identity.AddContent("validation data", validationExamples.Select(example => example.Inputs));
    }

    private IEnumerable<int[]> PlanBatches(Random random)
    {
        if (!options.PacksExamples)
        {
            return LengthBucketedBatches.Plan(lengths, options.Training.BatchSize, random);
        }

        var order = Enumerable.Range(0, examples.Count).ToArray();
        random.Shuffle(order);
        return order.Chunk(options.Training.BatchSize);
    }

    private InstructionExample[] Chosen(int[] rows) => Array.ConvertAll(rows, row => examples[row]);
}
