namespace MLNetLlm.Models;

/// <summary>Adds up what several downloads report.</summary>
internal sealed class HubMeter(IProgress<HubProgress>? progress)
{
    // A report for every piece of a network stream would be too many for whoever draws a bar.
    private const long Step = 1 << 20;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (long Done, long Total)> files = [];

    /// <summary>Counts a file in; what was known of it before is forgotten.</summary>
    public void Expect(HubFile file)
    {
        lock (gate)
        {
            files[file.Name] = (0, file.Size);
        }
    }

    public void Report(HubFile file, long done)
    {
        HubProgress report;
        lock (gate)
        {
            var before = files[file.Name].Done;
            if (done < file.Size && done >= before && done - before < Step && before > 0)
            {
                return;
            }

            files[file.Name] = (done, file.Size);
            report = new HubProgress(file.Name, done, file.Size, files.Values.Sum(each => each.Done), files.Values.Sum(each => each.Total));
        }

        progress?.Report(report);
    }
}
