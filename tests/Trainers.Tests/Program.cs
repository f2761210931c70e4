using MLNetLlm.Trainers.Tests.Pretrained;
using MLNetLlm.Trainers.Tests.Training;

namespace MLNetLlm.Trainers.Tests;

/// <summary>What this assembly does as a program.</summary>
internal static class Program
{
    private static void Main(string[] arguments)
    {
        if (arguments[0] == FreshProcess.Command)
        {
            FreshProcess.Run(arguments[1..]);
        }
        else
        {
            KilledRun.Run(arguments);
        }
    }
}
