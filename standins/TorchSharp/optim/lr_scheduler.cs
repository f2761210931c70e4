using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static class lr_scheduler
        {
            /// <summary>Sets the learning rates of an optimizer's groups, once when made and then at every step.</summary>
            public abstract class LRScheduler
            {
                protected int _step_count;

                private readonly Optimizer optimizer;
                private readonly bool verbose;
                private readonly List<double> baseRates;
                private readonly List<double> lastRates;

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    this.optimizer = optimizer;
                    this.verbose = verbose;
                    Epoch = last_epoch;
                    baseRates = optimizer.ParamGroups.Select(group => group.InitialLearningRate).ToList();
                    lastRates = optimizer.ParamGroups.Select(group => group.LearningRate).ToList();
                }

                private protected int Epoch { get; private set; }

                private protected IReadOnlyList<double> BaseRates => baseRates;

                private protected IEnumerable<double> CurrentRates => optimizer.ParamGroups.Select(group => group.LearningRate);

                public virtual void step() => step(null);

                public virtual void step(int? epoch)
                {
                    _step_count++;
                    Epoch = epoch ?? Epoch + 1;
                    var rates = (epoch.HasValue ? get_closed_form_lr() : get_lr()).ToList();
                    var groups = optimizer.ParamGroups.ToList();
                    for (var i = 0; i < baseRates.Count; i++)
                    {
                        groups[i].LearningRate = rates[i];
                        if (verbose && lastRates[i] != rates[i])
                            Console.WriteLine($"Adjusting learning rate to {rates[i]}");
                        lastRates[i] = rates[i];
                    }
                }

                public virtual void step(double current, int? epoch = null) => step(epoch);

                public IEnumerable<double> get_last_lr() => lastRates;

                protected virtual IEnumerable<double> get_lr() => CurrentRates;

                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();
            }

            public static class impl
            {
                /// <summary>The base rate times a function of the epoch.</summary>
                public class LambdaLR : LRScheduler
                {
                    private readonly List<Func<int, double>> lambdas;

                    public LambdaLR(
                        Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, Enumerable.Repeat(lr_lambda, optimizer.ParamGroups.Count()), last_epoch, verbose)
                    {
                    }

                    public LambdaLR(
                        Optimizer optimizer, IEnumerable<Func<int, double>> lr_lambdas, int last_epoch = -1,
                        bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        lambdas = lr_lambdas.ToList();
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        BaseRates.Select((rate, i) => rate * lambdas[i](Epoch));
                }

                /// <summary>Half a cosine from the base rate down to eta_min in T_max epochs, and back.</summary>
                public class CosineAnnealingLR : LRScheduler
                {
                    private readonly double period;
                    private readonly double lowest;

                    public CosineAnnealingLR(
                        Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        period = T_max;
                        lowest = eta_min;
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (Epoch == 0)
                            return CurrentRates;
                        if ((Epoch - 1 - period) % (2 * period) == 0)
                        {
                            var rise = (1 - Math.Cos(Math.PI / period)) / 2;
                            return CurrentRates.Select((rate, i) => rate + (BaseRates[i] - lowest) * rise);
                        }
                        var ratio = (1 + Math.Cos(Math.PI * Epoch / period)) / (1 + Math.Cos(Math.PI * (Epoch - 1) / period));
                        return CurrentRates.Select(rate => ratio * (rate - lowest) + lowest);
                    }

                    protected override IEnumerable<double> get_closed_form_lr() => BaseRates.Select(
                        rate => lowest + (rate - lowest) * (1 + Math.Cos(Math.PI * Epoch / period)) / 2);
                }
            }

            public static LRScheduler LambdaLR(
                Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) =>
                new impl.LambdaLR(optimizer, lr_lambda, last_epoch, verbose);

            public static LRScheduler CosineAnnealingLR(
                Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) =>
                new impl.CosineAnnealingLR(optimizer, T_max, eta_min, last_epoch, verbose);
        }
    }
}
