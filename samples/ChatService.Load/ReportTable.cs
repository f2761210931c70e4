using System.Globalization;
using Spectre.Console;

namespace ChatService.Load;

/// <summary>The report for people.</summary>
internal static class ReportTable
{
    public static void Show(IAnsiConsole console, LoadReport report)
    {
        var table = new Table().RoundedBorder().AddColumn("");
        foreach (var column in new[] { "requests", "requests/s", "tokens/s", "p50 ms", "p95 ms", "p99 ms", "first token p50 / p95 / p99 ms", "errors" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        AddRow(table, "one chat at a time", report.OneChat);
        AddRow(table, "all chats", report.ManyChats);
        AddRow(table, "spam, under full load", report.Spam);
        AddRow(table, "chats, under full load", report.Chat);
        console.Write(table);
        console.WriteLine($"All chats together get {Number(report.BatchingGain, "0.0")} times the tokens/s of one at a time.");
        console.WriteLine($"Memory under full load: {Number(report.Memory.Start)} MB at the start, {Number(report.Memory.End)} MB at the end, {Number(report.Memory.Peak)} MB at most.");
        foreach (var (why, count) in new[] { report.OneChat, report.ManyChats, report.Spam, report.Chat }.SelectMany(figures => figures.ErrorsByKind))
        {
            console.WriteLine($"{count} errors: {why}");
        }
    }

    private static void AddRow(Table table, string name, Figures figures) => table.AddRow(
        name, Number(figures.Requests), Number(figures.RequestsPerSecond, "#,0.0"), figures.TokensPerSecond > 0 ? Number(figures.TokensPerSecond) : "",
        Number(figures.Latency.P50, "#,0.0"), Number(figures.Latency.P95, "#,0.0"), Number(figures.Latency.P99, "#,0.0"),
        figures.FirstToken.P50 > 0 ? $"{Number(figures.FirstToken.P50)} / {Number(figures.FirstToken.P95)} / {Number(figures.FirstToken.P99)}" : "",
        Number(figures.Errors));

    private static string Number(double value, string format = "#,0") => value.ToString(format, CultureInfo.InvariantCulture);
}
