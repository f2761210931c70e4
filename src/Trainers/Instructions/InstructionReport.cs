using System.Globalization;
using System.Net;
using System.Text;

namespace MLNetLlm.Trainers;

/// <summary>A page with a model's responses beside the references, to read in any browser.</summary>
public static class InstructionReport
{
    private const string Style = """
        body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1c2330; background: #fff; }
        table { border-collapse: collapse; width: 100%; table-layout: fixed; }
        th, td { border: 1px solid #c9d1dc; padding: .5rem .75rem; text-align: left; vertical-align: top; white-space: pre-wrap; overflow-wrap: anywhere; }
        th { background: #eef2f7; } .number { width: 4.5rem; text-align: right; } .exact { background: #e6f5ea; }
        @media (prefers-color-scheme: dark) { body { color: #e4e9f0; background: #14181f; } th { background: #222a35; } th, td { border-color: #3a4452; } .exact { background: #173322; } }
        """;

    /// <summary>Writes the page; all text of the model and the data is escaped.</summary>
    /// <param name="path">The file; a file that is there is replaced.</param>
    /// <param name="metrics">What <c>ml.LanguageModels.EvaluateInstructions</c> gave.</param>
    /// <param name="title">Heading of the page.</param>
    public static void Write(string path, InstructionMetrics metrics, string title = "Responses")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(metrics);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory)
        {
            Directory.CreateDirectory(directory);
        }

        File.WriteAllText(path, Page(metrics, title));
    }

    private static string Page(InstructionMetrics metrics, string title)
    {
        var page = new StringBuilder();
        page.AppendLine("<!doctype html>").AppendLine("<html lang=\"en\">").AppendLine("<head>").AppendLine("<meta charset=\"utf-8\">")
            .AppendLine("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .AppendLine($"<title>{Escaped(title)}</title>").AppendLine($"<style>\n{Style}\n</style>").AppendLine("</head>").AppendLine("<body>")
            .AppendLine($"<h1>{Escaped(title)}</h1>")
            .AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"<p>{metrics.Responses.Count} responses: exact match {100 * metrics.ExactMatch:0.0} %, token F1 {metrics.TokenF1:0.000}, response loss {metrics.ResponseLoss:0.000} nats a token (perplexity {metrics.ResponsePerplexity:0.00}) over {metrics.ResponseTokens} tokens{LeftOut(metrics.RowsWithoutLoss)}.</p>"))
            .AppendLine("<table>").AppendLine("<thead><tr><th>Prompt</th><th>Reference</th><th>Response</th><th class=\"number\">F1</th></tr></thead>").AppendLine("<tbody>");
        foreach (var row in metrics.Responses)
        {
            var f1 = row.TokenF1.ToString("0.00", CultureInfo.InvariantCulture);
            page.AppendLine(
                $"<tr{(row.IsExactMatch ? " class=\"exact\"" : "")}><td>{Escaped(row.Prompt)}</td><td>{Escaped(row.Reference)}</td><td>{Escaped(row.Response)}</td><td class=\"number\">{f1}</td></tr>");
        }

        return page.AppendLine("</tbody>").AppendLine("</table>").AppendLine("</body>").AppendLine("</html>").ToString();
    }

    private static string LeftOut(int rows) => rows == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; rows longer than the context, without a loss: {rows}");

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);
}
