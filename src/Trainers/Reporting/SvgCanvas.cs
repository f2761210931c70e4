using System.Globalization;
using System.Xml.Linq;

namespace MLNetLlm.Trainers;

/// <summary>The few shapes our pictures are made of, as SVG elements.</summary>
internal sealed class SvgCanvas
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly XElement root;

    public SvgCanvas(double width, double height, string title)
    {
        root = new XElement(Svg + "svg",
            new XAttribute("viewBox", $"0 0 {Number(width)} {Number(height)}"),
            new XAttribute("width", Number(width)),
            new XAttribute("height", Number(height)),
            new XAttribute("role", "img"),
            new XAttribute("font-family", "system-ui, sans-serif"),
            new XElement(Svg + "title", title));
        Rectangle(0, 0, width, height, "#ffffff");
    }

    public void Rectangle(double x, double y, double width, double height, string fill) =>
        Add("rect", ("x", Number(x)), ("y", Number(y)), ("width", Number(width)), ("height", Number(height)), ("fill", fill));

    public void Line(double x1, double y1, double x2, double y2, string stroke) =>
        Add("line", ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)), ("stroke", stroke));

    public void Circle(double x, double y, double radius, string fill) =>
        Add("circle", ("cx", Number(x)), ("cy", Number(y)), ("r", Number(radius)), ("fill", fill));

    public void Curve(IEnumerable<(double X, double Y)> points, string stroke, double width) => Add(
        "polyline",
        ("points", string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}"))),
        ("fill", "none"), ("stroke", stroke), ("stroke-width", Number(width)), ("stroke-linejoin", "round"));

    public void Text(double x, double y, string text, int size = 12, string anchor = "start", string fill = "#333333", string weight = "normal") =>
        Add("text", ("x", Number(x)), ("y", Number(y)), ("font-size", Number(size)), ("text-anchor", anchor), ("fill", fill), ("font-weight", weight))
            .Add(text);

    public void Save(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        root.Save(path);
    }

    private XElement Add(string name, params (string Name, string Value)[] attributes)
    {
        var element = new XElement(Svg + name, attributes.Select(attribute => new XAttribute(attribute.Name, attribute.Value)));
        root.Add(element);
        return element;
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
