namespace MLNetLlm.Trainers.Tests.Training;

public class KilledRunTests
{
    [Fact]
    public async Task A_run_that_is_killed_again_and_again_and_resumed_ends_with_the_same_weights_to_the_bit()
    {
        using var undisturbed = new TemporaryDirectory();
        using var killed = new TemporaryDirectory();
        var whole = await KilledRun.StartAsync(undisturbed.Path, killAt: null);

        // In its second step, while it writes (weights, best weights, state), and between two checkpoints.
        var taken = new List<string>();
        foreach (var moment in new[] { "step 2", "writing 3", "step 11", "writing 2" })
        {
            taken.AddRange(await KilledRun.StartAsync(killed.Path, moment));
        }

        taken.AddRange(await KilledRun.StartAsync(killed.Path, killAt: null));

        var steps = whole.Where(line => line.StartsWith("step", StringComparison.Ordinal)).ToList();
        Assert.True(steps.Count > 20, string.Join('\n', whole));
        Assert.Equal(steps, taken.Where(line => line.StartsWith("step", StringComparison.Ordinal)).Distinct());
        Assert.Equal(Weights(undisturbed), Weights(killed));
        Assert.Equal(File.ReadAllBytes(undisturbed.File("model/model.safetensors")), File.ReadAllBytes(killed.File("model/model.safetensors")));

        // Nothing is left to do, and nothing changes.
        var again = await KilledRun.StartAsync(killed.Path, killAt: null);
        Assert.DoesNotContain(again, line => line.StartsWith("step", StringComparison.Ordinal));
        Assert.Equal(Weights(undisturbed), Weights(killed));
    }

    private static byte[] Weights(TemporaryDirectory directory) => File.ReadAllBytes(directory.File("final/model.safetensors"));
}
