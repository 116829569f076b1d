// Everything a page of the console runs. Each module minds one thing and finds its elements by itself.
import "./due-clock.js"
