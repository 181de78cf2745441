namespace Automation.Marketing.Days;

/// <summary>
/// Where the sun stands on the ecliptic, and when it stands there: what solar terms and equinoxes are defined by.
/// Mean elements, equation of the centre and the larger periodic terms after Meeus, Astronomical Algorithms, chapters 25 and 27;
/// good to about half a minute of time between 1950 and 2050.
/// </summary>
internal static class SunLongitude
{
    private const double J2000 = 2_451_545.0;
    private const double UnixEpoch = 2_440_587.5;
    private const double DaysPerCentury = 36_525;
    private const double DaysPerYear = 365.2422;

    // Degrees that the sun moves in a day.
    private const double DailyMotion = 360 / DaysPerYear;

    // Pulls of the moon and the planets: hundred-thousandths of a day, phase in degrees, degrees a century.
    private static readonly (double Size, double Phase, double Rate)[] Pulls =
    [
        (203, 337.23, 32964.467), (199, 342.08, 20.186), (182, 27.85, 445267.112), (156, 73.14, 45036.886), (136, 171.52, 22518.443),
        (77, 222.54, 65928.934), (74, 296.72, 3034.906), (70, 243.58, 9037.513), (58, 119.81, 33718.147), (52, 297.17, 150.678),
        (50, 21.02, 2281.226), (45, 247.54, 29929.562), (44, 325.15, 31555.956), (29, 60.93, 4443.417), (18, 155.12, 67555.328),
        (17, 288.79, 4562.452), (16, 198.04, 62894.029), (14, 199.76, 31436.921), (12, 95.39, 14577.848), (12, 287.11, 31931.756),
        (12, 320.81, 34777.259), (9, 227.73, 1222.114), (8, 15.45, 16859.074),
    ];

    /// <summary>The instant in <paramref name="year"/> at which the sun reaches a longitude.</summary>
    /// <param name="year">1950 to 2099.</param>
    /// <param name="degrees">Apparent longitude, 0 to 360; 0 is the spring equinox.</param>
    public static DateTimeOffset Reached(int year, double degrees)
    {
        // On the first of January it stands at about 280 degrees.
        var first = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds() / 86_400.0 + UnixEpoch;
        var day = first + (degrees - 280 + 360) % 360 / DailyMotion;
        for (var round = 0; round < 4; round++) day += Turn(degrees - At(day)) / DailyMotion;
        var unix = (day - UnixEpoch) * 86_400 - DynamicalAhead(year);
        return DateTimeOffset.FromUnixTimeMilliseconds((long)(unix * 1000));
    }

    /// <summary>The sun's apparent longitude in degrees at a Julian day of dynamical time.</summary>
    private static double At(double day)
    {
        var t = (day - J2000) / DaysPerCentury;
        var mean = 280.46646 + 36000.76983 * t + 0.0003032 * t * t;
        var anomaly = 357.52911 + 35999.05029 * t - 0.0001537 * t * t;
        var centre = (1.914602 - 0.004817 * t - 0.000014 * t * t) * Sin(anomaly) + (0.019993 - 0.000101 * t) * Sin(2 * anomaly) + 0.000289 * Sin(3 * anomaly);
        var pulls = Pulls.Sum(pull => -pull.Size * 1e-5 * DailyMotion * Cos(pull.Phase + pull.Rate * t));
        const double aberration = -0.00569;
        var nutation = -0.00478 * Sin(125.04 - 1934.136 * t);
        return mean + centre + pulls + aberration + nutation;
    }

    // Seconds by which dynamical time is ahead of the clock.
    private static double DynamicalAhead(int year) => year < 2000 ? 63.8 + (year - 2000) * 0.79 : Math.Min(69.4, 63.8 + (year - 2000) * 0.28);

    private static double Turn(double degrees) => degrees - 360 * Math.Round(degrees / 360);

    private static double Sin(double degrees) => Math.Sin(degrees * Math.PI / 180);

    private static double Cos(double degrees) => Math.Cos(degrees * Math.PI / 180);
}
