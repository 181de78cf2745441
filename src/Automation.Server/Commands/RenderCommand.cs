using System.Text.Json;
using Automation.Templates;
using Automation.Templates.Corpus;

namespace Automation.Server.Commands;

/// <summary><c>render TEMPLATE [--model JSON] [--options JSON] [--mail]</c> and <c>render --each DIR --out DIR2</c>.</summary>
internal static class RenderCommand
{
    private const string Usage = """
        usage: render TEMPLATE [--model JSON] [--options JSON] [--mail]
               render --each DIR --out DIR2 [--mail]
        JSON is a value that begins with { or [, or a file.
        """;

    /// <returns>0 done, 1 the input is at fault (named on <paramref name="error"/>), 2 wrong usage.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        if (!Arguments.TryRead(args, out var arguments))
        {
            error.WriteLine(Usage);
            return 2;
        }
        try
        {
            return arguments.Each is null ? RenderOne(arguments, output, error) : RenderEach(arguments);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException or JsonException)
        {
            error.WriteLine(fault.Message);
            return 1;
        }
    }

    private static int RenderOne(Arguments arguments, TextWriter output, TextWriter error)
    {
        var path = arguments.Template!;
        var settings = CorpusOptions.Read(ReadJson(arguments.Options), arguments.Profile);
        var model = ReadJson(arguments.Model) is { } json ? TemplateObject.FromJson(json, settings.NumbersAsDecimal) : new TemplateObject();
        var options = settings.Options with { Loader = new FolderLoader(Path.GetDirectoryName(Path.GetFullPath(path))!) };
        var result = CorpusCase.Run(File.ReadAllText(path), path, model, options);
        if (result.Output is not null)
        {
            output.Write(result.Output);
            return 0;
        }
        foreach (var message in result.Messages) error.WriteLine(message);
        return 1;
    }

    private static int RenderEach(Arguments arguments)
    {
        foreach (var template in CorpusCase.Under(arguments.Each!))
        {
            var target = Path.Combine(arguments.Out!, Path.GetRelativePath(arguments.Each!, template.Path))[..^".sbn".Length];
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            var (extension, text) = Try(template, arguments.Profile);
            File.WriteAllText(target + extension, text);
        }
        return 0;
    }

    // A case whose side files are unreadable is one failed case, not the end of the run.
    private static (string Extension, string Text) Try(CorpusCase template, TemplateOptions profile)
    {
        try
        {
            var result = template.Run(profile);
            return result.Output is { } text ? (".out", text) : (".err", result.ErrorText);
        }
        catch (Exception fault) when (fault is IOException or FormatException)
        {
            return (".err", $"parse\n{fault.Message}");
        }
    }

    private static JsonElement? ReadJson(string? argument)
    {
        if (argument is null) return null;
        var text = argument.StartsWith('{') || argument.StartsWith('[') ? argument : File.ReadAllText(argument);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>Partials beside the template: <c>name</c>, <c>name.sbn</c> or <c>name.inc</c>, never outside of its folder.</summary>
    private sealed class FolderLoader(string folder) : ITemplateLoader
    {
        public string? Load(string name)
        {
            foreach (var extension in new[] { "", ".sbn", ".inc" })
            {
                var path = Path.GetFullPath(Path.Combine(folder, name + extension));
                if (path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) && File.Exists(path)) return File.ReadAllText(path);
            }
            return null;
        }
    }

    private sealed record Arguments(string? Template, string? Model, string? Options, string? Each, string? Out, bool IsMail)
    {
        public TemplateOptions Profile => IsMail ? TemplateOptions.Mail with { EscapeHtml = IsHtml } : TemplateOptions.Scriban;

        private bool IsHtml => Path.GetFileName(Template ?? "").StartsWith("html", StringComparison.OrdinalIgnoreCase);

        public static bool TryRead(string[] args, out Arguments arguments)
        {
            arguments = new Arguments(null, null, null, null, null, IsMail: false);
            for (var i = 0; i < args.Length; i++)
            {
                if (args[i] == "--mail") arguments = arguments with { IsMail = true };
                else if (!args[i].StartsWith("--", StringComparison.Ordinal) && arguments.Template is null) arguments = arguments with { Template = args[i] };
                else if (i + 1 == args.Length || !arguments.TryTake(args[i], args[++i], out arguments)) return false;
            }
            return arguments.Each is null ? arguments.Template is not null && arguments.Out is null : arguments.Out is not null && arguments.Template is null;
        }

        private bool TryTake(string option, string value, out Arguments taken)
        {
            taken = option switch
            {
                "--model" => this with { Model = value },
                "--options" => this with { Options = value },
                "--each" => this with { Each = value },
                "--out" => this with { Out = value },
                _ => this,
            };
            return !ReferenceEquals(taken, this);
        }
    }
}
