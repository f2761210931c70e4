namespace MLNetLlm.Models.Tests.Hub;

/// <summary>Keeps reports in the order they are made.</summary>
internal sealed class Reports(Action<HubProgress>? onReport = null) : IProgress<HubProgress>
{
    private readonly List<HubProgress> all = [];

    public IReadOnlyList<HubProgress> All
    {
        get
        {
            lock (all)
            {
                return [.. all];
            }
        }
    }

    public void Report(HubProgress value)
    {
        lock (all)
        {
            all.Add(value);
        }

        onReport?.Invoke(value);
    }
}
