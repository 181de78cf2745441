using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail.Content.Authoring;

public enum TemplateVersionState { Published, Retired }

/// <summary>
/// One version of a template or partial, never changed once written. The one with the highest number counts; number 0 is
/// the shipped file and has no row.
/// </summary>
public sealed class TemplateVersion
{
    public const int MaxNote = 500;

    public required string TemplateId { get; init; }

    /// <summary>From 1, without gaps.</summary>
    public int Number { get; init; }

    /// <summary><see cref="TemplateVersionState.Retired"/>: from here on it is not offered and not sent.</summary>
    public TemplateVersionState State { get; init; }

    /// <summary>As <see cref="TemplateContent"/> writes it.</summary>
    public required string Content { get; init; }

    /// <summary>What changed, in the publisher's words.</summary>
    public string Note { get; init; } = "";

    public required string Actor { get; init; }
    public DateTimeOffset At { get; init; }
}

/// <summary>The one draft of a template or partial. What is in it reaches nobody until it is published.</summary>
public sealed class TemplateDraft
{
    public required string TemplateId { get; init; }

    /// <summary>As <see cref="TemplateContent"/> writes it; may still be faulty.</summary>
    public required string Content { get; init; }

    /// <summary>New with every save: whoever saves names the one they started from, so that nobody overwrites another unseen.</summary>
    public Guid Stamp { get; init; }

    /// <summary>The version that counted when the draft was begun; -1 when there was none.</summary>
    public int BasedOn { get; init; }

    /// <summary>Who saved last.</summary>
    public required string Actor { get; init; }

    public DateTimeOffset At { get; init; }
}

internal sealed class TemplateVersionMapping : IEntityTypeConfiguration<TemplateVersion>, IEntityTypeConfiguration<TemplateDraft>
{
    public void Configure(EntityTypeBuilder<TemplateVersion> version)
    {
        version.ToTable("template_versions");
        version.HasKey(v => new { v.TemplateId, v.Number });              // also: the newest version of each
        version.Property(v => v.TemplateId).HasMaxLength(TemplateIds.MaxLength);
        version.Property(v => v.State).HasConversion<string>().HasMaxLength(16);
        version.Property(v => v.Note).HasMaxLength(TemplateVersion.MaxNote);
        version.Property(v => v.Actor).HasMaxLength(100);
    }

    public void Configure(EntityTypeBuilder<TemplateDraft> draft)
    {
        draft.ToTable("template_drafts");
        draft.HasKey(d => d.TemplateId);
        draft.Property(d => d.TemplateId).HasMaxLength(TemplateIds.MaxLength);
        draft.Property(d => d.Actor).HasMaxLength(100);
    }
}
