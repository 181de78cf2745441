using System.Text;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Deals;

/// <summary>A paper of a deal, e.g. a quotation: kept in the database, and handed out as a file to be saved only.</summary>
public sealed class DealFile
{
    public const int MaxBytes = 5 * 1024 * 1024;
    public const int MostOfADeal = 20;
    public const int MaxName = 120;
    public const int MaxAbout = 500;

    public Guid Id { get; init; }
    public Guid DealId { get; init; }

    /// <summary>As it is offered for saving; without folders and without characters that mislead.</summary>
    public required string Name { get; init; }

    /// <summary>Told from the content, never from the name or from who sent it.</summary>
    public required string ContentType { get; init; }

    /// <summary>What it proposes, in a line or two: what the library is searched by.</summary>
    public string? About { get; init; }

    public int SizeBytes { get; init; }
    public required byte[] Content { get; init; }
    public required string Actor { get; init; }
    public DateTimeOffset At { get; init; }
}

/// <summary>Takes papers of deals and gives them out.</summary>
public static class DealFiles
{
    private const string Unknown = "application/octet-stream";

    private static readonly (byte[] Start, string Type, string Ending)[] Known =
    [
        ("%PDF-"u8.ToArray(), "application/pdf", ".pdf"),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "image/png", ".png"),
        ([0xFF, 0xD8, 0xFF], "image/jpeg", ".jpg"),
        ("GIF8"u8.ToArray(), "image/gif", ".gif"),
        // Office's own types are archives too; saved and opened by name, none of them needs to be told apart.
        ([0x50, 0x4B, 0x03, 0x04], "application/zip", ".zip"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "application/x-ole-storage", ".doc"),
    ];

    /// <exception cref="RuleBrokenException">There is no such deal, it has too many papers, or the paper is empty or too large.</exception>
    public static async Task<DealFile> AddAsync(
        AutomationDb db, Guid dealId, string name, string? about, byte[] content, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (content.Length == 0) throw new RuleBrokenException("The file is empty.");
        if (content.Length > DealFile.MaxBytes) throw new RuleBrokenException($"A file may have at most {DealFile.MaxBytes / (1024 * 1024)} MB.");
        if (about?.Length > DealFile.MaxAbout) throw new RuleBrokenException($"At most {DealFile.MaxAbout} characters.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await DealDesk.LoadAsync(db, dealId, cancellation);
        if (await db.DealFiles.CountAsync(file => file.DealId == dealId, cancellation) >= DealFile.MostOfADeal)
            throw new RuleBrokenException($"A deal has at most {DealFile.MostOfADeal} files.");
        var file = new DealFile
        {
            Id = RowId.New(now),
            DealId = dealId,
            Name = SafeName(name, content),
            ContentType = TypeOf(content),
            About = string.IsNullOrWhiteSpace(about) ? null : about.Trim(),
            SizeBytes = content.Length,
            Content = content,
            Actor = actor,
            At = now,
        };
        db.Add(file);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return file;
    }

    /// <summary>What the bytes are, whatever they are called.</summary>
    public static string TypeOf(ReadOnlySpan<byte> content)
    {
        foreach (var (start, type, _) in Known)
        {
            if (content.StartsWith(start)) return type;
        }
        return IsPlainText(content) ? "text/plain; charset=utf-8" : Unknown;
    }

    /// <summary>The last part of a name, without what leads out of a folder, hides, or turns the direction of reading.</summary>
    public static string SafeName(string name, ReadOnlySpan<byte> content)
    {
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var kept = new StringBuilder(last.Length);
        foreach (var rune in last.Normalize(NormalizationForm.FormC).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.PrivateUse or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator
                || rune == Rune.ReplacementChar) continue;
            kept.Append("<>:\"|?*;%".Contains(rune.ToString(), StringComparison.Ordinal) ? "_" : rune.ToString());
        }
        var clean = kept.ToString().Trim(' ', '.');
        var (stem, ending) = (Path.GetFileNameWithoutExtension(clean), Path.GetExtension(clean));
        if (stem.Length == 0 || ending.Length > 10) (stem, ending) = (clean.Length == 0 ? "file" : clean, "");
        if (ending.Length == 0) ending = EndingOf(content);
        return (stem.Length + ending.Length > DealFile.MaxName ? stem[..(DealFile.MaxName - ending.Length)].TrimEnd('\uD800') : stem) + ending;
    }

    private static string EndingOf(ReadOnlySpan<byte> content)
    {
        foreach (var (start, _, ending) in Known)
        {
            if (content.StartsWith(start)) return ending;
        }
        return IsPlainText(content) ? ".txt" : ".bin";
    }

    private static bool IsPlainText(ReadOnlySpan<byte> content) =>
        System.Text.Unicode.Utf8.IsValid(content) && content.IndexOfAnyInRange((byte)0, (byte)8) < 0;
}

internal sealed class DealFileMapping : IEntityTypeConfiguration<DealFile>
{
    public void Configure(EntityTypeBuilder<DealFile> file)
    {
        file.ToTable("deal_files");
        file.HasKey(f => f.Id);
        file.Property(f => f.Name).HasMaxLength(DealFile.MaxName);
        file.Property(f => f.ContentType).HasMaxLength(60);
        file.Property(f => f.About).HasMaxLength(DealFile.MaxAbout);
        file.Property(f => f.Actor).HasMaxLength(100);
        file.HasIndex(f => new { f.DealId, f.At });               // the deal's page
        file.HasIndex(f => f.At);                                 // the library, newest first
    }
}
