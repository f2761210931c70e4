using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>What a model is trained for. The loop knows nothing else about the task.</summary>
internal interface IObjective
{
    /// <summary>Name of the stage in reports.</summary>
    string Stage { get; }

    /// <summary>The network whose parameters are trained; in training mode while the loop steps.</summary>
    torch.nn.Module Network { get; }

    /// <summary>Optimizer steps in an epoch.</summary>
    int StepsPerEpoch { get; }

    /// <summary>The batches of an epoch, prepared lazily on a thread of their own; all randomness comes from <paramref name="random"/>.</summary>
    IEnumerable<TrainingBatch> Batches(Random random);

    /// <summary>Computes the mean loss of a batch and adds its gradient to the parameters'. Returns the detached loss, a scalar.</summary>
    torch.Tensor Backward(TrainingBatch batch);

    /// <summary>Loss and accuracy on the validation data; <see langword="null"/> without validation data.</summary>
    ValidationResult? Validate();

    /// <summary>Writes the model as it is now as a checkpoint directory.</summary>
    void Save(string directory);
}

/// <param name="Loss">Mean loss in nats.</param>
/// <param name="Accuracy">Share of correct rows, for objectives that classify.</param>
internal sealed record ValidationResult(double Loss, double? Accuracy);
