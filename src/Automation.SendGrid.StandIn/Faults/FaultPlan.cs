namespace Automation.SendGrid.StandIn;

/// <summary>The faults in force. Drawing is serialised so that a seed gives one sequence.</summary>
internal sealed class FaultPlan
{
    public const string Header = "X-StandIn-Fault";
    private readonly Lock _draw = new();
    private StandInFaults _faults = StandInFaults.None;
    private Rule[] _rules = [];
    private Random _random = new(1);

    public FaultPlan(StandInFaults faults) => Set(faults);

    public StandInFaults Current
    {
        get { lock (_draw) return _faults; }
    }

    /// <exception cref="FormatException">A rule cannot be read; nothing is changed.</exception>
    public void Set(StandInFaults faults)
    {
        var rules = faults.Rules.Select(rule => new Rule(rule)).ToArray();
        lock (_draw)
        {
            _faults = faults;
            _rules = rules;
            _random = new Random(faults.Seed);
        }
    }

    /// <summary>Whether the connection is to be cut before the body is read, when nothing of the request is known yet.</summary>
    public bool ResetsBeforeReading(ActiveFaults asked) => asked.Has(FaultKind.ResetBeforeReading)
        || (Volatile.Read(ref _rules).Length > 0 && Draw([], early: true).Has(FaultKind.ResetBeforeReading));

    public ActiveFaults AfterReading(ActiveFaults asked, IReadOnlyList<MailFacts> mails) =>
        Volatile.Read(ref _rules).Length == 0 ? asked : asked.With(Draw(mails, early: false));

    private ActiveFaults Draw(IReadOnlyList<MailFacts> mails, bool early)
    {
        var drawn = ActiveFaults.None;
        lock (_draw)
        {
            foreach (var rule in _rules)
                if (rule.Early == early && rule.Concerns(mails) && rule.Happens(_random)) drawn = drawn.With(new ActiveFaults(rule.Faults));
        }

        return drawn;
    }

    private sealed class Rule(StandInFault rule)
    {
        private int _left = rule.Times ?? int.MaxValue;

        public Fault[] Faults { get; } = Fault.Parse(rule.Fault);

        public bool Early => Faults.Any(fault => fault.Kind is FaultKind.ResetBeforeReading);

        public bool Concerns(IReadOnlyList<MailFacts> mails) =>
            rule.To is null || mails.Any(mail => mail.To.Contains(rule.To, StringComparison.OrdinalIgnoreCase));

        public bool Happens(Random random)
        {
            if (_left <= 0 || random.NextDouble() >= rule.Probability) return false;
            if (_left != int.MaxValue) _left--;
            return true;
        }
    }
}

/// <summary>The faults of one request.</summary>
internal readonly struct ActiveFaults(Fault[] faults)
{
    private readonly Fault[]? _faults = faults;

    public static ActiveFaults None => default;

    public bool Has(FaultKind kind) => Number(kind) is not null;

    public int? Number(FaultKind kind)
    {
        foreach (var fault in _faults ?? [])
            if (fault.Kind == kind) return fault.Number;
        return null;
    }

    public ActiveFaults With(ActiveFaults others) =>
        others._faults is null ? this : _faults is null ? others : new ActiveFaults([.. _faults, .. others._faults]);
}
