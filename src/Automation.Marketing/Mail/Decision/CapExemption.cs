using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail.Decision;

/// <summary>One broadcast whose mails pass over the limits (brief §4.1.14): they count all the same. Consent, suppression, hours and the person's own wishes hold.</summary>
public sealed class CapExemption
{
    public const int MinReason = 10;

    public Guid Id { get; init; }

    /// <summary>As <see cref="OutboxMessage.OriginId"/>.</summary>
    public required string OriginId { get; init; }

    public required string RequestedBy { get; init; }
    public required string ApprovedBy { get; init; }
    public required string Reason { get; init; }
    public DateTimeOffset At { get; init; }
    public DateTimeOffset? RevokedAt { get; set; }
}

public static class CapExemptions
{
    /// <summary>Those of the origins that are exempt now.</summary>
    internal static async Task<HashSet<string>> AmongAsync(AutomationDb db, string[] origins, CancellationToken cancellation) =>
        [.. await db.QueryAsync(
            $"SELECT origin_id FROM cap_exemptions WHERE {db.Dialect.Among("origin_id", "@p0")} AND revoked_at IS NULL", row => row.Text(0), cancellation, origins)];

    /// <exception cref="RuleBrokenException">Nobody approved, the reason says too little, or it is exempt already.</exception>
    public static async Task GrantAsync(
        AutomationDb db, string originId, string requestedBy, string approvedBy, bool mayApproveOwn, string? reason, DateTimeOffset now, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(approvedBy) || (approvedBy == requestedBy && !mayApproveOwn))
            throw new RuleBrokenException("A second person must approve that a broadcast passes over the limits.");
        if (reason is null || reason.Trim().Length is < CapExemption.MinReason or > AuditEntry.MaxReason)
            throw new RuleBrokenException($"Give the reason in {CapExemption.MinReason} to {AuditEntry.MaxReason} characters; it is kept in the audit.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if ((await AmongAsync(db, [originId], cancellation)).Count > 0) throw new RuleBrokenException("This broadcast passes over the limits already.");
        await db.InsertManyAsync(
            "cap_exemptions", ["id", "origin_id", "requested_by", "approved_by", "reason", "at"],
            [[RowId.New(now), originId, requestedBy, approvedBy, reason.Trim(), now]], "", cancellation);
        await Audit.WriteAsync(db, requestedBy, "limits.exempted", originId, reason.Trim(), null, new { approvedBy }, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}

internal sealed class CapExemptionMapping : IEntityTypeConfiguration<CapExemption>
{
    public void Configure(EntityTypeBuilder<CapExemption> exemption)
    {
        exemption.ToTable("cap_exemptions");
        exemption.HasKey(e => e.Id);
        exemption.Property(e => e.OriginId).HasMaxLength(100);
        exemption.Property(e => e.RequestedBy).HasMaxLength(100);
        exemption.Property(e => e.ApprovedBy).HasMaxLength(100);
        exemption.Property(e => e.Reason).HasMaxLength(AuditEntry.MaxReason);
        exemption.HasIndex(e => e.OriginId);                      // is this sending exempt
    }
}
