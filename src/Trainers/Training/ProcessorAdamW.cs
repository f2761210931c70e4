using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;

namespace MLNetLlm.Trainers;

/// <summary>Clips and steps in the memory of an optimizer's tensors, on all threads, where they are on the processor.</summary>
internal sealed class ProcessorAdamW : IDisposable
{
    // Enough work to be worth a thread; also the unit in which norms are added up, so that they do not depend on the threads.
    private const long PieceLength = 1 << 18;

    private readonly OptimizerOptions options;
    private readonly Weights[] all;

    /// <param name="parameters">Contiguous Float32 parameters with their moments and decay, which stay the optimizer's.</param>
    /// <param name="options">Settings.</param>
    public ProcessorAdamW(IEnumerable<(Parameter Parameter, AdamW.State State, double Decay)> parameters, OptimizerOptions options)
    {
        this.options = options;
        using var noGradient = torch.no_grad();
        all = parameters.Select(entry => new Weights(entry.Parameter, entry.State, entry.Decay)).ToArray();
    }

    /// <summary>The joint norm of the gradients.</summary>
    public double GradientNorm()
    {
        using var scope = torch.NewDisposeScope();
        var pieces = Pieces();
        var sums = new double[pieces.Length];
        ForEach(pieces, (piece, index) => sums[index] = AdamWKernel.SumOfSquares(piece.Read(piece.Gradient)));
        return Math.Sqrt(sums.Sum());
    }

    /// <summary>One step of the parameters that have a gradient.</summary>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="gradientScale">What gradients are multiplied with first.</param>
    public void Step(double learningRate, double gradientScale)
    {
        using var scope = torch.NewDisposeScope();
        var pieces = Pieces();
        var steps = new Dictionary<Weights, AdamWStep>();
        foreach (var weights in pieces.Select(piece => piece.Of).Distinct())
        {
            weights.State.step++;
            steps[weights] = AdamWStep.Of(options, gradientScale, learningRate, weights.Decay, weights.State.step);
        }

        ForEach(pieces, (piece, _) => AdamWKernel.Update(
            piece.Read(piece.Of.Values), piece.Read(piece.Gradient), piece.Read(piece.Of.First), piece.Read(piece.Of.Second), steps[piece.Of]));
    }

    public void Dispose()
    {
        foreach (var weights in all)
        {
            weights.Dispose();
        }
    }

    private static void ForEach(Piece[] pieces, Action<Piece, int> work) => Parallel.For(
        0, pieces.Length, new ParallelOptions { MaxDegreeOfParallelism = torch.get_num_threads() }, index => work(pieces[index], index));

    private Piece[] Pieces()
    {
        var pieces = new List<Piece>();
        foreach (var weights in all)
        {
            if (weights.Parameter.grad is not { } gradient)
            {
                continue;
            }

            var flat = gradient.detach().contiguous().view(-1);
            for (long start = 0; start < flat.shape[0]; start += PieceLength)
            {
                pieces.Add(new Piece(weights, flat, start, Math.Min(PieceLength, flat.shape[0] - start)));
            }
        }

        return [.. pieces];
    }

    private readonly record struct Piece(Weights Of, torch.Tensor Gradient, long Start, long Length)
    {
        // A span ends at 2 GB, so it is one of the piece and not of the whole.
        public Span<float> Read(torch.Tensor flat)
        {
            using var part = flat.narrow(0, Start, Length);
            return MemoryMarshal.Cast<byte, float>(part.bytes);
        }
    }

    /// <summary>A parameter and its moments, flat, in the memory of those of the optimizer.</summary>
    private sealed class Weights(Parameter parameter, AdamW.State state, double decay) : IDisposable
    {
        public Parameter Parameter { get; } = parameter;

        public AdamW.State State { get; } = state;

        public double Decay { get; } = decay;

        public torch.Tensor Values { get; } = Flat(parameter);

        public torch.Tensor First { get; } = Flat(state.exp_avg);

        public torch.Tensor Second { get; } = Flat(state.exp_avg_sq);

        public void Dispose()
        {
            Values.Dispose();
            First.Dispose();
            Second.Dispose();
        }

        private static torch.Tensor Flat(torch.Tensor tensor)
        {
            using var detached = tensor.detach();
            return detached.view(-1).DetachFromDisposeScope();
        }
    }
}
