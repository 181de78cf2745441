using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Automation.Server.Studio;

/// <summary>
/// The designer's files as its package brings them: Brotli and gzip made by its authors, so that nothing is compressed here.
/// Files that change their name with their content may be kept for ever; the others are asked for again and answered "not modified".
/// </summary>
internal sealed partial class StudioFiles
{
    private const string ForEver = "public,max-age=31536000,immutable";
    private const string AskAgain = "no-cache";

    private static readonly FileExtensionContentTypeProvider Types = new(
        new Dictionary<string, string>(new FileExtensionContentTypeProvider().Mappings, StringComparer.OrdinalIgnoreCase) { [".dat"] = "application/octet-stream" });

    private readonly FrozenDictionary<string, StudioFile> files;

    private StudioFiles(FrozenDictionary<string, StudioFile> files) => this.files = files;

    /// <summary>Changes with the package: put behind an address as <c>?v=</c>, it makes that address one for ever.</summary>
    public required string Version { get; init; }

    /// <param name="folder">Holds the package, each file plain, or as <c>.br</c> and <c>.gz</c>.</param>
    public static StudioFiles Load(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"The designer's files are missing: '{folder}'. They come with the build.");
        var found = new Dictionary<string, StudioFile>(StringComparer.Ordinal);
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, path).Replace('\\', '/');
            all.AppendData(System.Text.Encoding.UTF8.GetBytes($"{name} {new FileInfo(path).Length}\n"));
            var encoding = Path.GetExtension(name) switch { ".br" => "br", ".gz" => "gzip", _ => "" };
            if (encoding.Length > 0) name = name[..^3];
            if (!found.TryGetValue(name, out var file)) found[name] = file = new StudioFile(TypeOf(name), Fingerprint().IsMatch(name));
            file.Forms[encoding] = path;
        }
        return new StudioFiles(found.ToFrozenDictionary(StringComparer.Ordinal)) { Version = Convert.ToHexStringLower(all.GetHashAndReset())[..10] };
    }

    public async Task ServeAsync(string path, HttpContext context)
    {
        if (!files.TryGetValue(path, out var file))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var (encoding, stored) = file.FormFor(context.Request);
        var tag = await file.TagOfAsync(stored, context.RequestAborted);
        var headers = context.Response.Headers;
        headers.ETag = tag;
        headers.CacheControl = file.IsFingerprinted || context.Request.Query["v"] == Version ? ForEver : AskAgain;
        headers.Vary = HeaderNames.AcceptEncoding;
        if (context.Request.Headers.IfNoneMatch.Contains(tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        context.Response.ContentType = file.ContentType;
        if (encoding.Length > 0) headers.ContentEncoding = encoding;
        if (encoding.Length > 0 || !file.IsCompressed) context.Response.ContentLength = new FileInfo(stored).Length;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        if (encoding.Length > 0 || !file.IsCompressed) await context.Response.SendFileAsync(stored, context.RequestAborted);
        else await UnpackAsync(stored, context);
    }

    // No browser needs this; a program that fetches a file by hand may.
    private static async Task UnpackAsync(string stored, HttpContext context)
    {
        await using var packed = File.OpenRead(stored);
        await using var plain = new BrotliStream(packed, CompressionMode.Decompress);
        await plain.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static string TypeOf(string name) => Types.TryGetContentType(name, out var type) ? type : "application/octet-stream";

    // _framework/MudBlazor.fk4q4b3gx5.wasm, …/vs/editor.api-i0YVFWkl.js
    [GeneratedRegex(@"^_framework/.+\.[a-z0-9]{10}\.\w+$|/min/vs/.+-[\w-]{8}\.js$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Fingerprint();

    private sealed class StudioFile(string contentType, bool isFingerprinted)
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> tags = new(StringComparer.Ordinal);

        public string ContentType { get; } = contentType;
        public bool IsFingerprinted { get; } = isFingerprinted;

        /// <summary>Where each form lies, by its content encoding; "" is the plain one.</summary>
        public Dictionary<string, string> Forms { get; } = new(StringComparer.Ordinal);

        public bool IsCompressed => !Forms.ContainsKey("");

        public (string Encoding, string Stored) FormFor(HttpRequest request)
        {
            foreach (var encoding in (string[])["br", "gzip"])
            {
                if (Forms.TryGetValue(encoding, out var stored) && Takes(request, encoding)) return (encoding, stored);
            }
            return ("", Forms.GetValueOrDefault("") ?? Forms["br"]);
        }

        public async ValueTask<string> TagOfAsync(string stored, CancellationToken cancellation)
        {
            if (tags.TryGetValue(stored, out var tag)) return tag;
            await using var content = File.OpenRead(stored);
            return tags[stored] = $"\"{Convert.ToHexStringLower((await SHA256.HashDataAsync(content, cancellation)).AsSpan(0, 10))}\"";
        }

        private static bool Takes(HttpRequest request, string encoding) =>
            request.GetTypedHeaders().AcceptEncoding.Any(taken => taken.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && taken.Quality is not 0);
    }
}
