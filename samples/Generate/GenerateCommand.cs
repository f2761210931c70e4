using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Trainers;
using Samples;
using Spectre.Console;

namespace Generate;

/// <summary>
/// Loads a model and has it write. The text alone goes to the output, so that it can be piped on; everything about it goes to
/// the error stream.
/// </summary>
internal sealed class GenerateCommand(GenerateSettings settings, IAnsiConsole console)
{
    private readonly IAnsiConsole notes = Terminal.Errors();

    public async Task RunAsync(CancellationToken cancellation)
    {
        settings.Generation.Validate();
        if (settings.SystemPrompt is not null && !settings.Chat && settings.Template is null)
        {
            throw new ArgumentException("--system says how an assistant behaves; give --chat or --template with it.");
        }

        var checkpoint = settings.Checkpoint ?? SampleCheckpoints.Newest() ?? throw new ArgumentException(SampleCheckpoints.Advice);
        using var model = await Task.Run(() => Load(checkpoint, cancellation), cancellation);
        if (settings.Chat)
        {
            var template = settings.Template ?? ChatTemplate.ChatML;
            var session = new ChatSession(model, template, new ChatSessionOptions
            {
                SystemPrompt = settings.SystemPrompt,
                Generation = settings.Generation with { ContextOverflow = ContextOverflow.Stop },
            });
            await ChatLoop.RunAsync(session, template.Name, console, cancellation);
            return;
        }

        var prompt = settings.Prompt ?? (Console.IsInputRedirected ? await Console.In.ReadToEndAsync(cancellation) : "");
        await new StreamedAnswer(notes).WriteAsync(Chunks(model, prompt, cancellation), cancellation);
    }

    private IAsyncEnumerable<GeneratedChunk> Chunks(LanguageModel model, string prompt, CancellationToken cancellation)
    {
        if (settings.Template is not { } template)
        {
            return new TextGenerator(model).StreamAsync(prompt, settings.Generation, cancellation);
        }

        var generator = new ResponseGenerator(model, template, settings.Generation);
        var turns = template.InstructionTurns(prompt);
        return generator.StreamAsync(
            generator.Prompt(settings.SystemPrompt is null ? turns : [ChatTurn.System(settings.SystemPrompt), .. turns], out _), cancellation);
    }

    private LanguageModel Load(string checkpoint, CancellationToken cancellation)
    {
        var options = new PretrainedOptions
        {
            Hub = new HubOptions() with { Revision = settings.Revision, Offline = settings.Offline || new HubOptions().Offline },
            Device = settings.Device,
            Precision = settings.Precision,
            CancellationToken = cancellation,
        };
        return DownloadDisplay.Run(
            notes, isTerminal: !Console.IsErrorRedirected, progress => new MLContext().LanguageModels.FromPretrained(checkpoint, options with { Progress = progress }));
    }
}
