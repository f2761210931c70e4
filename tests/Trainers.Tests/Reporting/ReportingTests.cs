using System.Text.Json;
using System.Xml.Linq;

namespace MLNetLlm.Trainers.Tests.Reporting;

public sealed class ReportingTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("mlnetllm-tests-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private static TrainingProgress Step(int step, double loss, double? validation = null) => new(
        "pretraining", 1, 2, step, 20, loss, loss, 0.5, 1e-3, 1000, TimeSpan.FromSeconds(step), TimeSpan.FromSeconds(20 - step), validation);

    [Fact]
    public void The_log_has_one_json_object_a_line_and_passes_reports_on()
    {
        var path = Path.Combine(directory, "deep", "training.jsonl");
        var passedOn = new List<TrainingProgress>();
        using (var log = new TrainingLog(path, new Collector(passedOn)))
        {
            log.Report(Step(1, 5.5));
            log.Report(Step(2, 4.5, validation: 4.25));
            Assert.Equal(2, log.Reports.Count);
        }

        var lines = File.ReadAllLines(path).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([5.5, 4.5], lines.Select(line => line.GetProperty("loss").GetDouble()));
        Assert.False(lines[0].TryGetProperty("validationLoss", out _));
        Assert.Equal(4.25, lines[1].GetProperty("validationLoss").GetDouble());
        Assert.Equal(2, passedOn.Count);
    }

    [Fact]
    public void The_curves_are_well_formed_and_name_the_best_validation_loss()
    {
        var path = Path.Combine(directory, "curves.svg");
        var reports = Enumerable.Range(1, 10).Select(step => Step(step, 5 - step * 0.2)).Append(Step(10, 3, validation: 3.125)).ToList();

        TrainingCurves.Save(reports, path);

        var texts = XDocument.Load(path).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToList();
        Assert.Contains("pretraining", texts);
        Assert.Contains("validation, best 3.1250 in epoch 1", texts);
    }

    [Fact]
    public void Curves_of_a_single_step_and_of_a_flat_loss_can_be_drawn()
    {
        TrainingCurves.Save([Step(1, 2)], Path.Combine(directory, "single.svg"));
        TrainingCurves.Save([Step(1, 2), Step(2, 2)], Path.Combine(directory, "flat.svg"));

        Assert.DoesNotContain("NaN", File.ReadAllText(Path.Combine(directory, "single.svg")));
        Assert.DoesNotContain("NaN", File.ReadAllText(Path.Combine(directory, "flat.svg")));
    }

    [Fact]
    public void Curves_need_reports() =>
        Assert.Throws<ArgumentException>(() => TrainingCurves.Save([], Path.Combine(directory, "none.svg")));

    private sealed class Collector(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }
}
