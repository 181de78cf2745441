using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail.Delivery.Speed;

/// <summary>One sending domain's day, counted a batch at a time: what warm-up plans and breakers go by.</summary>
public sealed class SendingDay
{
    public required string Domain { get; init; }

    /// <summary>The shop's local day.</summary>
    public DateOnly Day { get; init; }

    /// <summary>Mails that the warm-up plan has given this day.</summary>
    public int Booked { get; init; }

    public int Delivered { get; init; }
    public int HardBounces { get; init; }
    public int Complaints { get; init; }
}

/// <summary>A token bucket: when the next mail may leave for a domain, or from one.</summary>
public sealed class SendingRate
{
    /// <summary><c>from:</c> or <c>to:</c> and the domain.</summary>
    public required string Key { get; init; }

    public DateTimeOffset NextAt { get; init; }
}

internal sealed class SpeedMapping : IEntityTypeConfiguration<SendingDay>, IEntityTypeConfiguration<SendingRate>
{
    private const int MaxDomain = 253;   // RFC 1035

    public void Configure(EntityTypeBuilder<SendingDay> day)
    {
        day.ToTable("sending_days");
        day.HasKey(d => new { d.Domain, d.Day });
        day.Property(d => d.Domain).HasMaxLength(MaxDomain);
    }

    public void Configure(EntityTypeBuilder<SendingRate> rate)
    {
        rate.ToTable("sending_rates");
        rate.HasKey(r => r.Key);
        rate.Property(r => r.Key).HasMaxLength(MaxDomain + "from:".Length);
    }
}
