using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>
/// Minimises a smooth function plus an L1 penalty on all but the first variables with the limited-memory quasi-Newton method,
/// in its orthant-wise form (Andrew and Gao, 2007) where there is a penalty.
/// </summary>
internal sealed class LbfgsMinimizer(IHost host, int historySize, double tolerance, int maximumIterations, double penalty, int unpenalized)
{
    /// <summary>Gives the value at a point, and fills in the gradient.</summary>
    public delegate double Objective(double[] point, double[] gradient);

    private readonly LinkedList<(double[] Step, double[] Change, double Curvature)> _history = new();

    public double[] Minimize(double[] point, Objective objective)
    {
        double[] gradient = new double[point.Length];
        double value = Value(objective, point, gradient);
        for (int iteration = 0; iteration < maximumIterations; iteration++)
        {
            host.CheckAlive();
            double[] slope = PseudoGradient(point, gradient);
            double[] direction = Direction(slope);
            if (!TryLineSearch(objective, point, value, slope, direction, iteration == 0, out double[] next, out double[] nextGradient, out double nextValue))
                break;
            Remember(Difference(next, point), Difference(nextGradient, gradient));
            double improvement = (value - nextValue) / Math.Max(1, Math.Abs(nextValue));
            (point, gradient, value) = (next, nextGradient, nextValue);
            if (improvement < tolerance)
                break;
        }
        return point;
    }

    private double Value(Objective objective, double[] point, double[] gradient)
    {
        double value = objective(point, gradient);
        for (int i = unpenalized; i < point.Length && penalty > 0; i++)
            value += penalty * Math.Abs(point[i]);
        return value;
    }

    private double[] PseudoGradient(double[] point, double[] gradient)
    {
        if (penalty == 0)
            return gradient;
        double[] slope = [.. gradient];
        for (int i = unpenalized; i < point.Length; i++)
        {
            slope[i] = point[i] != 0 ? gradient[i] + penalty * Math.Sign(point[i])
                : gradient[i] + penalty < 0 ? gradient[i] + penalty
                : gradient[i] - penalty > 0 ? gradient[i] - penalty
                : 0;
        }
        return slope;
    }

    private double[] Direction(double[] slope)
    {
        double[] direction = slope.Select(value => -value).ToArray();
        var factors = new Stack<double>();
        for (LinkedListNode<(double[] Step, double[] Change, double Curvature)> node = _history.Last; node is not null; node = node.Previous)
        {
            double factor = Dot(node.Value.Step, direction) / node.Value.Curvature;
            factors.Push(factor);
            AddScaled(direction, node.Value.Change, -factor);
        }
        if (_history.Last is { } latest)
        {
            double scale = latest.Value.Curvature / Dot(latest.Value.Change, latest.Value.Change);
            for (int i = 0; i < direction.Length; i++)
                direction[i] *= scale;
        }
        foreach ((double[] step, double[] change, double curvature) in _history)
            AddScaled(direction, step, factors.Pop() - Dot(change, direction) / curvature);
        for (int i = unpenalized; i < direction.Length && penalty > 0; i++)
        {
            if (direction[i] * slope[i] >= 0)
                direction[i] = 0;
        }
        return direction;
    }

    private bool TryLineSearch(Objective objective, double[] point, double value, double[] slope, double[] direction, bool isFirst,
        out double[] next, out double[] nextGradient, out double nextValue)
    {
        const double sufficientDecrease = 1e-4;
        const double smallestStep = 1e-15;
        double descent = Dot(direction, slope);
        nextGradient = new double[point.Length];
        for (double step = isFirst ? 1 / Math.Max(1, Math.Sqrt(Dot(slope, slope))) : 1; step > smallestStep && descent < 0; step /= 2)
        {
            next = Move(point, slope, direction, step);
            nextValue = Value(objective, next, nextGradient);
            if (nextValue <= value + sufficientDecrease * Dot(slope, Difference(next, point)) && nextValue < value)
                return true;
        }
        next = point;
        nextValue = value;
        return false;
    }

    // A penalised variable stays on its side of 0.
    private double[] Move(double[] point, double[] slope, double[] direction, double step)
    {
        double[] next = point.Select((value, i) => value + step * direction[i]).ToArray();
        for (int i = unpenalized; i < next.Length && penalty > 0; i++)
        {
            double side = point[i] != 0 ? point[i] : -slope[i];
            if (next[i] * side < 0)
                next[i] = 0;
        }
        return next;
    }

    private void Remember(double[] step, double[] change)
    {
        double curvature = Dot(step, change);
        if (curvature <= 0)
            return;
        _history.AddLast((step, change, curvature));
        if (_history.Count > historySize)
            _history.RemoveFirst();
    }

    private static double Dot(double[] first, double[] second)
    {
        double sum = 0;
        for (int i = 0; i < first.Length; i++)
            sum += first[i] * second[i];
        return sum;
    }

    private static double[] Difference(double[] first, double[] second) => first.Zip(second, (a, b) => a - b).ToArray();

    private static void AddScaled(double[] target, double[] source, double factor)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] += factor * source[i];
    }
}
