using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>A transformer with a linear layer on one pooled vector per row, the layout of Hugging Face's sequence classifiers.</summary>
public sealed class TextClassifier : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly double dropoutProbability;
    private readonly ScoreLayer score;

    /// <summary>Puts a new head, drawn from the seed, on a network.</summary>
    /// <param name="backbone">The network; from here on disposed of with the classifier.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="pooling">How a row's hidden states become one vector.</param>
    /// <param name="dropout">Dropout of that vector while training, 0 to below 1.</param>
    /// <param name="seed">The same seed gives the same head and dropout; <see langword="null"/> takes a random one.</param>
    /// <exception cref="ArgumentException">A number is out of its range, or the network lacks the pooling's layer.</exception>
    public TextClassifier(TransformerModel backbone, int classCount, Pooling pooling, double dropout, long? seed)
        : base(nameof(TextClassifier))
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        if (!(dropout is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "Dropout must be 0 to below 1.");
        }

        backbone.RequirePooling(pooling);
        Backbone = backbone;
        ClassCount = classCount;
        Pooling = pooling;
        dropoutProbability = dropout;
        using var initializer = new WeightInitializer(seed ?? Random.Shared.NextInt64(), backbone.Device);
        score = new ScoreLayer(
            initializer.Normal([classCount, HiddenStates.PooledWidth(backbone.Width, pooling)], 0.02),
            backbone.Config.Family.ClassifierHead.HasBias ? initializer.Zeros(classCount) : null);
        backbone.SeedDropout(initializer.Seed);
        register_module("transformer", backbone);
        register_module("score", score);
    }

    /// <summary>The network below the head.</summary>
    public TransformerModel Backbone { get; }

    /// <summary>Number of classes.</summary>
    public int ClassCount { get; }

    /// <summary>How a row's hidden states become one vector.</summary>
    public Pooling Pooling { get; }

    /// <summary>The weights of the head under the names that files give them.</summary>
    internal IEnumerable<CheckpointTensor> HeadTensors() => score.named_parameters().Select(pair => new CheckpointTensor(
        $"{Backbone.Config.Family.ClassifierHead.Name}.{pair.Item1}", pair.Item2, IsTransposed: false, IsHead: true));

    /// <summary>Scores rows of token ids.</summary>
    /// <param name="input1">Ids [batch, time] Int64, padded on the right.</param>
    /// <param name="input2">Lengths [batch] Int64, each 1 to time.</param>
    /// <returns>Logits [batch, classes] Float32.</returns>
    public override Tensor forward(Tensor input1, Tensor input2)
    {
        using var hidden = Backbone.Forward(input1, input2);
        return Classify(hidden, input2);
    }

    /// <summary>Scores rows whose hidden states are known already.</summary>
    /// <param name="hidden">[batch, time, width] from <see cref="Backbone"/>.</param>
    /// <param name="lengths">[batch] Int64, each 1 to time.</param>
    /// <returns>Logits [batch, classes] Float32.</returns>
    public Tensor Classify(Tensor hidden, Tensor lengths)
    {
        using var pooled = Backbone.Pool(hidden, lengths, Pooling);
        using var dropped = Backbone.Dropout.Drop(pooled, dropoutProbability);
        return score.forward(dropped);
    }

    // In 32 bits always: it is small, and a class probability deserves its digits.
    private sealed class ScoreLayer : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter weight;
        private readonly Parameter? bias;

        public ScoreLayer(Parameter weight, Parameter? bias)
            : base(nameof(ScoreLayer))
        {
            this.weight = weight;
            this.bias = bias;
            register_parameter("weight", weight);
            if (bias is not null)
            {
                register_parameter("bias", bias);
            }
        }

        public override Tensor forward(Tensor input) => nn.functional.linear(input, weight, bias);
    }
}
