using Microsoft.ML.Runtime;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>Tells what a run will take before it begins: the log, with a warning where the memory is too small, and whoever follows the run.</summary>
internal static class PlanReport
{
    public static void Announce(TrainingPlan plan, string stage, TrainingOptions training, IChannel channel)
    {
        channel.Info($"{stage}: {plan}");
        if (plan.ExceedsMemory)
        {
            channel.Warning(plan.MemoryWarning);
        }

        new TrainingSinks(training.Progress).Report(plan);
    }
}
