using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Accounts;

/// <summary>One signed-in browser. The row is the session: without it the browser's cookie opens nothing.</summary>
public sealed class UserSession
{
    public const int MaxAgent = 200;

    public Guid Id { get; init; }
    public Guid UserId { get; init; }
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>To the minute.</summary>
    public DateTimeOffset LastSeenAt { get; set; }

    public string? Address { get; init; }

    /// <summary>What the browser calls itself.</summary>
    public string Agent { get; init; } = "";
}

internal sealed class UserSessionMapping : IEntityTypeConfiguration<UserSession>
{
    public void Configure(EntityTypeBuilder<UserSession> session)
    {
        session.ToTable("user_sessions");
        session.HasKey(s => s.Id);
        session.Property(s => s.Address).HasMaxLength(64);
        session.Property(s => s.Agent).HasMaxLength(UserSession.MaxAgent);
        session.HasIndex(s => s.UserId);                    // a person's sessions
    }
}
