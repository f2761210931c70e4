using Microsoft.ML;

namespace MLNetLlm.Services;

/// <summary>How a pool's model is watched and checked.</summary>
/// <typeparam name="TData">What predictions are made from.</typeparam>
/// <typeparam name="TPrediction">What is predicted.</typeparam>
public sealed record CheckedModelOptions<TData, TPrediction>
    where TData : class
    where TPrediction : class, new()
{
    /// <summary>Time between two looks, above 0; <see cref="Timeout.InfiniteTimeSpan"/> looks only when asked to.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Tries out a model that was loaded, before it serves, for example by predictions whose results are known. If it throws, the
    /// model is not taken and the one before goes on serving.
    /// </summary>
    public Action<PredictionEngine<TData, TPrediction>>? Check { get; init; }

    /// <summary>Gets models from addresses; <see langword="null"/> is one with a limit of a minute.</summary>
    public HttpClient? HttpClient { get; init; }

    internal void Validate()
    {
        if (Period <= TimeSpan.Zero && Period != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException($"CheckedModelOptions.{nameof(Period)} must be above zero, but is {Period}.", nameof(Period));
        }
    }
}

/// <summary>How it stands with a pool's model.</summary>
/// <param name="IsLoaded">Whether there is a model.</param>
/// <param name="LoadedAt">When the model that serves was loaded.</param>
/// <param name="Loads">How many models were loaded, the first one counted.</param>
/// <param name="Failure">Why the newest model, or its file, could not be taken; <see langword="null"/> if all is well.</param>
public sealed record ModelStatus(bool IsLoaded, DateTimeOffset? LoadedAt, int Loads, Exception? Failure);
