using System.Text.Json.Serialization;

namespace ChatService;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(SpamRequest))]
[JsonSerializable(typeof(SpamVerdict))]
[JsonSerializable(typeof(HealthReportText))]
internal sealed partial class ServiceJson : JsonSerializerContext;
