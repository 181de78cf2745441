using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing;
using Automation.Marketing.Journeys;

namespace Automation.Server.Studio;

/// <summary>Reads what the designer sends, within limits, so that every fault is named.</summary>
internal static class StudioBody
{
    // As deep as a definition may be, and a step for what it is wrapped in.
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 132, AllowDuplicateProperties = false };

    /// <exception cref="BadInputException">The body is no JSON object, or too large.</exception>
    public static async Task<JsonObject> ObjectAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > FlowDefinitions.MostBytes) throw TooLarge("(body)");
        using var text = new MemoryStream();
        await CopyAsync(request.Body, text, "(body)", cancellation);
        return Parse(Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length), "(body)");
    }

    /// <summary>A list of texts in an object, e.g. the ids of a bulk action.</summary>
    public static async Task<IReadOnlyList<string>> TextsAsync(HttpRequest request, string name, CancellationToken cancellation) =>
        (await ObjectAsync(request, cancellation))[name] is JsonArray list
            ? [.. list.OfType<JsonValue>().Select(value => value.ToString())]
            : throw new BadInputException(name, "must be a list of texts.");

    public static JsonObject Parse(string json, string name)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: Strict) as JsonObject ?? throw new BadInputException(name, "must be a JSON object.");
        }
        catch (JsonException broken)
        {
            throw new BadInputException($"{name}({broken.LineNumber + 1},{broken.BytePositionInLine + 1})", "is no valid JSON.");
        }
    }

    /// <summary>The JSON files of an upload, those inside zips too.</summary>
    public static async Task<IReadOnlyList<(string Name, string Json)>> FilesAsync(IFormFileCollection files, int most, CancellationToken cancellation)
    {
        var found = new List<(string, string)>();
        foreach (var file in files)
        {
            await using var content = file.OpenReadStream();
            if (!file.FileName.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)) found.Add((file.FileName, await TextAsync(content, file.FileName, cancellation)));
            else found.AddRange(await UnzipAsync(content, file.FileName, most, cancellation));
            if (found.Count > most) throw new BadInputException(file.FileName, $"more than {most} files at once: divide them.");
        }
        return found;
    }

    private static async Task<List<(string Name, string Json)>> UnzipAsync(Stream content, string name, int most, CancellationToken cancellation)
    {
        try
        {
            await using var archive = await ZipArchive.CreateAsync(content, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellation);
            var entries = archive.Entries.Where(entry => entry.Name.EndsWith(".json", StringComparison.OrdinalIgnoreCase)).ToList();
            if (entries.Count > most) throw new BadInputException(name, $"holds more than {most} files: divide them.");
            var found = new List<(string, string)>();
            foreach (var entry in entries)
            {
                await using var file = await entry.OpenAsync(cancellation);
                found.Add(($"{name}/{entry.FullName}", await TextAsync(file, entry.FullName, cancellation)));
            }
            return found;
        }
        catch (InvalidDataException)
        {
            throw new BadInputException(name, "is no zip file.");
        }
    }

    private static async Task<string> TextAsync(Stream content, string name, CancellationToken cancellation)
    {
        using var text = new MemoryStream();
        await CopyAsync(content, text, name, cancellation);
        text.Position = 0;
        return await new StreamReader(text, Encoding.UTF8).ReadToEndAsync(cancellation);
    }

    // Counted while it is read: a length is only a claim, and a zip can grow.
    private static async Task CopyAsync(Stream from, MemoryStream to, string name, CancellationToken cancellation)
    {
        var buffer = new byte[81920];
        for (int read; (read = await from.ReadAsync(buffer, cancellation)) > 0;)
        {
            to.Write(buffer, 0, read);
            if (to.Length > FlowDefinitions.MostBytes) throw TooLarge(name);
        }
    }

    private static BadInputException TooLarge(string name) => new(name, $"has more than {FlowDefinitions.MostBytes} bytes; divide the flow.");
}
