using System.Text.Json;
using System.Xml.Linq;
using MLNetLlm.Models;

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

    [SkippableFact]
    public void A_full_disk_is_told_once_and_not_again_when_the_log_is_closed()
    {
        Skip.IfNot(File.Exists("/dev/full"), "Only Linux has a device that is always full.");
        var log = new TrainingLog("/dev/full");

        Assert.Throws<IOException>(() => log.Report(Step(1, 5.5)));
        log.Dispose();
    }

    [Fact]
    public void What_is_no_progress_has_a_kind()
    {
        var path = Path.Combine(directory, "training.jsonl");
        using (var log = new TrainingLog(path))
        {
            log.Report(new CorpusReport { Role = "training", Column = "Text", Rows = 3, EmptyRows = 1, TextBytes = 20, Tokens = 8 });
            log.Report(TrainingPlan.For(GptConfig.Mini, 1_000, new TrainingOptions { Epochs = 2 }));
            log.Report(new TrainingSample("pretraining", 5, "Once", " upon \u4e2d\n"));
            Assert.Empty(log.Reports);
        }

        var lines = File.ReadAllLines(path).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["corpus", "plan", "sample"], lines.Select(line => line.GetProperty("kind").GetString()));
        Assert.Equal(1, lines[0].GetProperty("emptyRows").GetInt32());
        Assert.Equal(2_000, lines[1].GetProperty("tokens").GetInt64());
        Assert.Equal(" upon \u4e2d\n", lines[2].GetProperty("continuation").GetString());
    }

    [Fact]
    public void A_resumed_run_goes_on_with_its_log_even_after_a_line_that_was_cut_off()
    {
        var path = Path.Combine(directory, "training.jsonl");
        using (var log = new TrainingLog(path))
        {
            log.Report(Step(1, 5.5, validation: 4.5));
            log.Report(new TrainingSample("pretraining", 1, "a", "b"));
        }

        File.AppendAllText(path, "{\"stage\":\"pre");
        using (var log = new TrainingLog(path, append: true))
        {
            Assert.Equal([Step(1, 5.5, validation: 4.5)], log.Reports);
            log.Report(Step(2, 4.5));
        }

        Assert.Equal([Step(1, 5.5, validation: 4.5), Step(2, 4.5)], TrainingLog.Read(path));
    }

    [Fact]
    public void A_damaged_line_in_the_middle_of_a_log_is_named()
    {
        var path = Path.Combine(directory, "training.jsonl");
        File.WriteAllText(path, "{\"kind\":\"plan\"}\n{oh\n{}\n");

        var error = Assert.Throws<InvalidDataException>(() => new TrainingLog(path, append: true));

        Assert.Contains(path, error.Message);
        Assert.Contains("line 2", error.Message);
    }

    [Fact]
    public void A_loss_that_is_no_number_is_logged_too()
    {
        var path = Path.Combine(directory, "training.jsonl");
        using (var log = new TrainingLog(path))
        {
            log.Report(Step(1, double.NaN));
        }

        Assert.Equal(double.NaN, Assert.Single(TrainingLog.Read(path)).Loss);
    }

    [Fact]
    public void Curves_of_a_long_run_stay_small_and_keep_their_extremes()
    {
        var path = Path.Combine(directory, "long.svg");
        var reports = Enumerable.Range(1, 50_000).Select(step => Step(step, step == 31_234 ? 9 : 2 + Math.Sin(step))).ToList();

        TrainingCurves.Save(reports, path);

        Assert.InRange(new FileInfo(path).Length, 1_000, 100_000);
        var curve = XDocument.Load(path).Descendants().First(element => element.Name.LocalName == "polyline").Attribute("points")!.Value;
        // The top of the panel belongs to the highest loss, which one step alone has.
        Assert.Equal(1, curve.Split(' ').Count(point => double.Parse(point.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture) < 100));
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
