using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>What a model is trained for. The loop knows nothing else about the task.</summary>
internal interface IObjective
{
    /// <summary>Name of the stage in reports.</summary>
    string Stage { get; }

    /// <summary>The network whose parameters are trained; in training mode while the loop steps.</summary>
    torch.nn.Module Network { get; }

    /// <summary>The transformer in it.</summary>
    TransformerModel? Transformer => Network as TransformerModel;

    /// <summary>Optimizer steps in an epoch.</summary>
    int StepsPerEpoch { get; }

    /// <summary>
    /// The batches of an epoch from a given one on, prepared lazily on a thread of their own. They are a function of
    /// <paramref name="start"/> alone, and those before its first cost little: a run can be taken up anywhere.
    /// </summary>
    IEnumerable<TrainingBatch> Batches(EpochStart start);

    /// <summary>Starts the random numbers of the network's passes (dropout) anew; called before every step.</summary>
    void SeedStep(long seed);

    /// <summary>
    /// Computes the mean loss of a batch, or of a part of it, and adds its gradient to the parameters', both multiplied with
    /// the batch's share of the step. Returns the detached loss, a scalar.
    /// </summary>
    torch.Tensor Backward(TrainingBatch batch, BatchShare share);

    /// <summary>Loss and accuracy on the validation data; <see langword="null"/> without validation data.</summary>
    ValidationResult? Validate();

    /// <summary>Writes the model as it is now as a checkpoint directory.</summary>
    void Save(string directory);

    /// <summary>Says what a resumed run must share with the one it goes on with: settings, tokenizer and data.</summary>
    void Identify(RunIdentity identity);
}

/// <param name="Loss">Mean loss in nats.</param>
/// <param name="Accuracy">Share of correct rows, for objectives that classify.</param>
internal sealed record ValidationResult(double Loss, double? Accuracy);

/// <summary>Where in the data a run stands.</summary>
/// <param name="Seed">Seed of the run.</param>
/// <param name="Epoch">Epoch, from 0.</param>
/// <param name="FirstBatch">Number of the first batch wanted, from 0.</param>
internal readonly record struct EpochStart(int Seed, int Epoch, long FirstBatch)
{
    /// <summary>The random numbers of the epoch: the same ones whenever they are asked for.</summary>
    public Random CreateRandom() => Randomness.Of(Seed, Epoch, RandomPurpose.BatchOrder);
}

/// <summary>What a batch is of its step: 1 for the whole, less for a part of it.</summary>
/// <param name="Rows">Share of the rows, by their weights.</param>
/// <param name="Targets">Share of the positions to be predicted.</param>
internal readonly record struct BatchShare(double Rows, double Targets)
{
    public static BatchShare Whole { get; } = new(1, 1);
}
