using Automation.Marketing.Contacts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Accounts;

/// <summary>Someone who signs in.</summary>
public sealed class User
{
    public const int MaxProviderSubject = 600;

    public Guid Id { get; init; }

    /// <summary>Lower case.</summary>
    public required string UserName { get; init; }

    public required string DisplayName { get; set; }
    public string PasswordHash { get; set; } = "";

    /// <summary>Where test mails go; null until it is given.</summary>
    public string? Email { get; set; }

    /// <summary>One of <see cref="RoleNames.Each"/>, by its name.</summary>
    public required string Role { get; set; }

    public int FailedSignIns { get; set; }
    public DateTimeOffset? LockedUntil { get; set; }

    /// <summary>May not sign in from then on; null: may.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>When this person chose the password; null: none yet, or the one made at the first start.</summary>
    public DateTimeOffset? PasswordSetAt { get; set; }

    /// <summary>Base32 secret of the second factor (RFC 6238); null: none.</summary>
    public string? TotpSecret { get; set; }

    /// <summary>The time step of the newest code that was taken: none is taken twice.</summary>
    public long TotpStep { get; set; }

    /// <summary>Hashes of the recovery codes that are left, separated by spaces.</summary>
    public string RecoveryCodes { get; set; } = "";

    /// <summary>Issuer and subject by which an OpenID Connect provider vouches for the person, with a space between; null: never has.</summary>
    public string? ProviderSubject { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public bool IsInvited => PasswordHash.Length == 0;
}

internal sealed class UserMapping : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> user)
    {
        user.ToTable("users");
        user.HasKey(u => u.Id);
        user.Property(u => u.UserName).HasMaxLength(100);
        user.Property(u => u.DisplayName).HasMaxLength(100);
        user.Property(u => u.Role).HasMaxLength(16);
        user.Property(u => u.Email).HasMaxLength(EmailAddress.MaxLength);
        user.Property(u => u.TotpSecret).HasMaxLength(64);
        user.Property(u => u.ProviderSubject).HasMaxLength(User.MaxProviderSubject);
        user.Ignore(u => u.IsInvited);
        user.HasIndex(u => u.UserName).IsUnique();
        user.HasIndex(u => u.ProviderSubject).IsUnique();   // who comes back from the provider
    }
}
