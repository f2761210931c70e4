using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.ML;

namespace Microsoft.Extensions.ML;

/// <summary>Passes what the pool's MLContext logs on to the application's logger.</summary>
internal sealed class MLContextLogging(ILogger<MLContext> logger) : IPostConfigureOptions<MLOptions>
{
    public void PostConfigure(string name, MLOptions options) =>
        options.MLContext.Log += (_, entry) => logger.LogTrace("{Message}", entry.Message);
}
